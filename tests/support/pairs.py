"""Statements as pairs of a Sid and whom they let in, and policies of such as ECR has them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from planner.policy.document import Statement, statement_json
from planner.policy.opaque import AnyPolicy, OpaquePolicy
from tests.support.hands import GONE, ROLE, Pair
from tests.support.policies import document, statement

_PRINCIPALS = {ROLE: "arn:aws:iam::111122223333:role/r", GONE: "AROAABCDEFGHIJKLMNOPQ"}


def text_of(pairs: Iterable[Pair]) -> str:
    return document(*(_json(each) for each in sorted(pairs, key=repr)))


def _json(pair: Pair) -> dict[str, Any]:
    sid, body = pair
    principal = _PRINCIPALS.get(body, f"arn:aws:iam::{body}:root")
    return statement(sid, Principal={"AWS": principal}, Action="ecr:ReplicateImage")


def pairs_of_text(text: str | None) -> Counter[Pair]:
    """The pairs in a policy as ECR has it."""
    return Counter(map(_pair, json.loads(text)["Statement"])) if text else Counter()


def _pair(found: dict[str, Any]) -> Pair:
    principal = found["Principal"]["AWS"]
    names = {text: name for name, text in _PRINCIPALS.items()}
    return found.get("Sid"), names.get(principal) or re.findall(r"\d{12}", principal)[0]


def pair_of(statement: Statement) -> Pair:
    return _pair(statement_json(statement))


def pairs_of(policy: AnyPolicy) -> Counter[Pair]:
    assert not isinstance(policy, OpaquePolicy)
    return Counter(map(pair_of, policy.statements if policy else ()))
