"""`planner digest`."""

from __future__ import annotations

from tests.support.cli import Cli
from tests.support.policies import document, statement


def test_digest(offline: Cli) -> None:
    offline.write("a.json", document(statement(Action=["ecr:A", "ecr:B"])))
    offline.write("b.json", document(statement(Action=["ecr:B", "ecr:a"])))
    digest = offline.ok("digest", "a.json")
    assert len(digest.strip()) == 64
    assert offline.ok("digest", "b.json") == digest
    result = offline("digest", "-", stdin=document(statement(Action=["ecr:A", "ecr:B"])))
    assert result.stdout == digest
    bucket = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    offline.write("c.json", document(bucket))
    assert offline.ok("digest", "c.json") != digest
    offline.write("bad.json", '{"Statement": [{"Effect": "x"}]}')
    assert "bad.json:1:27" in offline.fails(6, "digest", "bad.json")
