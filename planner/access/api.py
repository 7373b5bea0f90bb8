"""The public face of access: what other packages ask, and the values they get.

>>> from planner.policy.parse import parse_policy
>>> text = '''{"Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"},
... "Action": "ecr:ReplicateImage", "Resource": "*"}}'''
>>> policy = parse_policy(text).policy
>>> compare(None, policy).verdict
'broadens'
>>> evaluate(policy, Request(parse_caller("111122223333"), "ecr:ReplicateImage", "*")).outcome
'allowed'
"""

from planner.access.compare import compare, grants
from planner.access.comparison import Comparison, Grant
from planner.access.evaluate import Decision, evaluate
from planner.access.request import Request, parse_caller, request_json

__all__ = [
    "Comparison",
    "Decision",
    "Grant",
    "Request",
    "compare",
    "evaluate",
    "grants",
    "parse_caller",
    "request_json",
]
