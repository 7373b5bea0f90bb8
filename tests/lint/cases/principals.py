"""Who is named."""

from __future__ import annotations

from tests.support.lint import ORG, PULL, ROLE, allow, one


def when_source(account: str) -> dict[str, dict[str, str]]:
    return {"StringEquals": {"aws:SourceAccount": account}}


CASES = [
    ("malformed-principal", allow({"AWS": "someone"}), allow({"AWS": ROLE})),
    ("malformed-principal", allow({"Service": "ecr"}), allow({"Service": "ecr.amazonaws.com"})),
    (
        "malformed-principal",
        allow({"AWS": "omics.amazonaws.com"}, **PULL),
        allow({"Service": "omics.amazonaws.com"}, **PULL),
    ),
    ("malformed-principal", allow({"AWS": "1111-2222-3333"}), allow({"AWS": "111122223333"})),
    ("malformed-principal", allow({"AWS": "o-exampleorgid"}), allow("*", Condition=ORG)),
    ("malformed-principal", allow({"AWS": "ou-ab12-11111111"}), one()),
    ("malformed-principal", allow({"AWS": "arn:aws:iam::*:root"}), one()),
    ("malformed-principal", allow({"Service": "*"}), one()),
    ("malformed-principal", allow({"AWS": "11112222333"}), allow({"AWS": "111122223333"})),
    ("malformed-principal", allow({"AWS": "arn:aws:iam::123456:root"}), one()),
    ("foreign-partition", allow({"AWS": "arn:aws-cn:iam::111122223333:root"}), one()),
    ("malformed-principal", allow({"AWS": "arn:aws:iam::111122223333:group/devs"}), one()),
    (
        "malformed-principal",
        allow({"AWS": "arn:aws:iam::111122223333:role/*"}),
        allow({"AWS": ROLE}),
    ),
    ("principal-type", allow({"Federated": "cognito-identity.amazonaws.com"}), one()),
    ("deleted-principal", allow({"AWS": "AROAABCDEFGHIJKLMNOPQ"}), allow({"AWS": ROLE})),
    (
        "own-account",
        allow({"AWS": "444455556666"}),
        allow({"AWS": "arn:aws:iam::444455556666:user/cache"}),
    ),
    (
        "own-account",
        allow({"AWS": "arn:aws:iam::444455556666:root"}),
        allow({"AWS": "444455556666"}, Effect="Deny"),
    ),
    (
        "own-account",
        allow({"AWS": ["444455556666", "111122223333"]}),
        one(Principal=None, NotPrincipal={"AWS": "444455556666"}),
    ),
    (
        "allow-not-principal",
        one(Principal=None, NotPrincipal={"AWS": ROLE}),
        one(Principal=None, NotPrincipal={"AWS": ROLE}, Effect="Deny"),
    ),
    (
        "not-principal-account",
        one(Principal=None, NotPrincipal={"AWS": ROLE}, Effect="Deny"),
        one(Principal=None, NotPrincipal={"AWS": [ROLE, "111122223333"]}, Effect="Deny"),
    ),
    (
        "redundant-principal",
        allow({"AWS": [ROLE, "111122223333"]}),
        allow({"AWS": [ROLE, "222233334444"]}),
    ),
    (
        "redundant-principal",
        allow({"AWS": ["444455556666", "arn:aws:iam::444455556666:role/ci"]}, Effect="Deny"),
        allow({"AWS": ["444455556666", "arn:aws:iam::444455556666:role/ci"]}),
    ),
    ("redundant-principal", allow({"AWS": ["*", "111122223333"]}), allow({"AWS": ["*"]})),
    (
        "redundant-principal",
        allow({"AWS": ["111122223333", "arn:aws:iam::111122223333:root"]}),
        one(),
    ),
    ("public-access", allow("*"), allow("*", Condition=ORG)),
    (
        "public-access",
        allow("*", Condition={"StringLike": {"aws:PrincipalOrgID": "*"}}),
        allow("*", Effect="Deny"),
    ),
    (
        "public-access",
        allow(
            {"AWS": "*"}, Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-exampleorgid"}}
        ),
        one(),
    ),
    (
        "public-access",
        allow("*", Condition={"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-exampleorgid"}}),
        one(),
    ),
    (
        "confused-deputy",
        allow({"Service": "omics.amazonaws.com"}, **PULL),
        allow(
            {"Service": "omics.amazonaws.com"},
            Condition={"StringEquals": {"aws:sourceAccount": "444455556666"}},
            **PULL,
        ),
    ),
    (
        "confused-deputy",
        allow({"Service": "omics.amazonaws.com"}, Condition=when_source("${aws:username}"), **PULL),
        allow(
            {"Service": "omics.amazonaws.com"},
            Condition=when_source("${aws:ResourceAccount}"),
            **PULL,
        ),
    ),
    (
        "public-access",
        allow("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "${aws:PrincipalOrgID}"}}),
        allow("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}}),
    ),
    (
        "confused-deputy",
        allow({"Service": "omics.amazonaws.com"}, **PULL),
        allow({"Service": "replication.ecr.amazonaws.com"}),
    ),
]
