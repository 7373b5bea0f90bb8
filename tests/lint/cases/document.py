"""The document as a whole: its text, size, version and ids."""

from __future__ import annotations

from tests.support.lint import one, when, with_id
from tests.support.policies import REPOSITORY, document, statement

LARGE = [f"{REPOSITORY}{n:04}" for n in range(250)]
FULL = [f"{REPOSITORY}{n:04}" for n in range(174)]

CASES = [
    ("json", '{"Statement": [],,}', one()),
    ("not-a-policy", '{"rules": [{"destinations": []}]}', one()),
    ("grammar", one(Effect="allow"), one(Effect="Allow")),
    ("policy-size", one(Resource=LARGE), one(Resource=FULL)),
    ("size-near-limit", one(Resource=FULL), one(Resource=FULL[:150])),
    ("missing-version", document(statement()).replace('"Version": "2012-10-17", ', ""), one()),
    ("old-version", document(statement(), Version="2008-10-17"), one()),
    (
        "old-version",
        document(statement(), Version="2008-10-17"),
        document(statement(Resource=f"{REPOSITORY}${{aws:username}}"), Version="2008-10-17"),
    ),
    (
        "variable-version",
        document(statement(Resource=f"{REPOSITORY}${{aws:username}}"), Version="2008-10-17"),
        one(Resource=f"{REPOSITORY}${{aws:username}}"),
    ),
    (
        "variable-version",
        when("StringLike", "aws:userid", "${aws:x}").replace("2012", "2008"),
        one(),
    ),
    ("duplicate-sid", with_id("A", "A"), with_id("A", "B")),
    ("malformed-sid", with_id("A\u202e"), with_id("A-b")),
    ("sid-characters", with_id("new statement"), with_id("new-statement-1")),
]
