"""The evaluator against IAM's documentation: each case with the page that it is written from."""

from __future__ import annotations

from typing import Any

import pytest

from planner.access.evaluate import evaluate
from planner.access.request import Request, parse_caller
from planner.errors import UsageError
from planner.policy.document import Policy
from tests.support.policies import REPOSITORY, policy, statement

GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_"
LOGIC = f"{GUIDE}evaluation-logic.html"
PRINCIPAL = f"{GUIDE}elements_principal.html"
NOT_PRINCIPAL = f"{GUIDE}elements_notprincipal.html"
ACTION = f"{GUIDE}elements_action.html"
RESOURCE = f"{GUIDE}elements_resource.html"
OPERATORS = f"{GUIDE}elements_condition_operators.html"
SETS = f"{GUIDE}condition-single-vs-multi-valued-context-keys.html"
LISTS = f"{GUIDE}condition-logic-multiple-context-keys-or-values.html"
VARIABLES = f"{GUIDE}variables.html"
KEYS = f"{GUIDE}condition-keys.html"

ONE, TWO = "111122223333", "444455556666"
ROOT = f"arn:aws:iam::{ONE}:root"
ROLE = f"arn:aws:iam::{ONE}:role/service/ci"
SESSION = f"arn:aws:sts::{ONE}:assumed-role/ci/build-7"
OTHER_SESSION = f"arn:aws:sts::{ONE}:assumed-role/cd/build-7"
USER = f"arn:aws:iam::{ONE}:user/team/bob"
FEDERATED = f"arn:aws:sts::{ONE}:federated-user/bob"
SERVICE = "replication.ecr.amazonaws.com"
CANONICAL = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"


def ask(
    rule: Policy,
    caller: str = ONE,
    action: str = "ecr:ReplicateImage",
    resource: str = f"{REPOSITORY}prod-api",
    **context: str | tuple[str, ...],
) -> str:
    """The outcome of one request; keys of the context have `__` for the colon."""
    keys = {
        key.replace("__", ":"): (value,) if isinstance(value, str) else value
        for key, value in context.items()
    }
    return evaluate(rule, Request(parse_caller(caller), action, resource, keys)).outcome


def allow(**more: Any) -> dict[str, Any]:
    return statement(None, **{"Principal": "*", "Action": "*", "Resource": "*", **more})


def deny(**more: Any) -> dict[str, Any]:
    return allow(Effect="Deny", **more)


def test_a_deny_wins_and_nothing_is_allowed_by_itself() -> None:
    """By the evaluation logic: LOGIC."""
    assert ask(policy(allow())) == "allowed"
    assert ask(policy(allow(), deny())) == "denied"
    assert ask(policy(deny())) == "denied"
    assert ask(policy(allow(Action="ecr:CreateRepository"))) == "not said"
    assert evaluate(None, Request(parse_caller(ONE), "ecr:a", "*")).outcome == "not said"


PRINCIPALS = [
    # A `*` means everyone, services and anonymous callers included.
    (PRINCIPAL, "*", "*", True),
    (PRINCIPAL, "*", SERVICE, True),
    (PRINCIPAL, {"AWS": "*"}, "*", True),
    # An account, by its id or its root, means every principal in it, and nobody else.
    (PRINCIPAL, {"AWS": ONE}, ONE, True),
    (PRINCIPAL, {"AWS": ROOT}, USER, True),
    (PRINCIPAL, {"AWS": ROOT}, SESSION, True),
    (PRINCIPAL, {"AWS": ROOT}, TWO, False),
    (PRINCIPAL, {"AWS": ROOT}, "*", False),
    (PRINCIPAL, {"AWS": ROOT}, SERVICE, False),
    (PRINCIPAL, {"AWS": f"arn:aws-cn:iam::{ONE}:root"}, ONE, False),
    # A role means its sessions; a session means itself alone.
    (PRINCIPAL, {"AWS": ROLE}, SESSION, True),
    (PRINCIPAL, {"AWS": ROLE}, ROLE, True),
    (PRINCIPAL, {"AWS": ROLE}, OTHER_SESSION, False),
    (PRINCIPAL, {"AWS": ROLE}, ONE, False),
    (PRINCIPAL, {"AWS": SESSION}, SESSION, True),
    (PRINCIPAL, {"AWS": SESSION}, f"{SESSION}8", False),
    (PRINCIPAL, {"AWS": SESSION}, ROLE, False),
    (PRINCIPAL, {"AWS": USER}, USER, True),
    (PRINCIPAL, {"AWS": USER}, f"arn:aws:iam::{ONE}:user/bob", False),
    (PRINCIPAL, {"AWS": FEDERATED}, FEDERATED, True),
    # No wildcard can stand in a name or ARN: what IAM makes of one cannot be said.
    (PRINCIPAL, {"AWS": f"arn:aws:iam::{ONE}:user/*"}, USER, None),
    (PRINCIPAL, {"AWS": f"arn:aws:iam::{ONE}:role/*"}, SESSION, None),
    (PRINCIPAL, {"AWS": [f"arn:aws:iam::{ONE}:role/*", ROLE]}, SESSION, True),
    # A unique id means whoever has it, and who that is the ARN does not tell.
    (PRINCIPAL, {"AWS": "AIDAABCDEFGHIJKLMNOPQ"}, USER, False),
    (PRINCIPAL, {"Service": SERVICE}, SERVICE, True),
    (PRINCIPAL, {"Service": "ecs.amazonaws.com"}, SERVICE, False),
    (PRINCIPAL, {"Service": "*"}, SERVICE, None),
    (PRINCIPAL, {"Service": "*"}, ONE, None),
    (PRINCIPAL, {"Federated": "cognito-identity.amazonaws.com"}, ONE, False),
    (PRINCIPAL, {"Federated": "accounts.google.com"}, "accounts.google.com", True),
    (PRINCIPAL, {"CanonicalUser": CANONICAL}, CANONICAL, True),
]


@pytest.mark.parametrize(("source", "principal", "caller", "expected"), PRINCIPALS)
def test_principals(source: str, principal: Any, caller: str, *, expected: bool | None) -> None:
    outcome = ask(policy(allow(Principal=principal)), caller)
    assert outcome == {True: "allowed", False: "not said", None: "unknown"}[expected]


@pytest.mark.parametrize(
    ("spared", "caller", "expected"),
    [
        # "You must also specify the account ARN of the not-denied principal."
        ([USER, ROOT], USER, "allowed"),
        ([USER], USER, "unknown"),
        ([ROOT], USER, "denied"),
        ([ROOT], ONE, "allowed"),
        # Of a session the account is validated first, then the role, then the session.
        ([SESSION, ROLE, ROOT], SESSION, "allowed"),
        ([ROLE, ROOT], SESSION, "unknown"),
        ([ROLE, ROOT], ROLE, "unknown"),
        ([SESSION, ROOT], SESSION, "unknown"),
        ([SESSION, ROLE], SESSION, "unknown"),
        ([ROLE, ROOT], OTHER_SESSION, "denied"),
        ([USER, ROOT], TWO, "denied"),
        ([USER, ROOT], "*", "denied"),
        (["*"], SESSION, "allowed"),
    ],
)
def test_not_principal_spares_whom_it_lists_with_all_identities(
    spared: list[str], caller: str, expected: str
) -> None:
    """By NOT_PRINCIPAL."""
    exception = {**without(deny(), "Principal"), "NotPrincipal": {"AWS": spared}}
    rule = policy(allow(), exception)
    assert ask(rule, caller) == expected


ELEMENTS = [
    (ACTION, {"Action": "ECR:replicateIMAGE"}, "allowed"),
    (ACTION, {"Action": "ecr:Replicate*"}, "allowed"),
    (ACTION, {"Action": "ecr:?eplicateImage"}, "allowed"),
    (ACTION, {"Action": "ecr:Batch*"}, "not said"),
    (ACTION, {"Action": "s3:*"}, "not said"),
    (RESOURCE, {"Resource": f"{REPOSITORY}prod-*"}, "allowed"),
    (RESOURCE, {"Resource": f"{REPOSITORY}PROD-*"}, "not said"),
    (RESOURCE, {"Resource": f"{REPOSITORY}prod-ap?"}, "allowed"),
    (RESOURCE, {"Resource": f"{REPOSITORY}prod-api?"}, "not said"),
    (RESOURCE, {"Resource": "arn:aws:ecr:*:repository/prod-api"}, "allowed"),
    (RESOURCE, {"Resource": ["x", f"{REPOSITORY}*"]}, "allowed"),
]


@pytest.mark.parametrize(("source", "element", "expected"), ELEMENTS)
def test_actions_and_resources(source: str, element: dict[str, Any], expected: str) -> None:
    assert ask(policy(allow(**element))) == expected


def test_not_action_and_not_resource() -> None:
    """All but what is listed: elements_notaction and elements_notresource of the same guide."""
    rule = policy({**without(allow(), "Action"), "NotAction": ["ecr:Create*", "s3:*"]})
    assert ask(rule) == "allowed"
    assert ask(rule, action="ecr:CreateRepository") == "not said"
    rule = policy({**without(allow(), "Resource"), "NotResource": f"{REPOSITORY}prod-*"})
    assert ask(rule) == "not said"
    assert ask(rule, resource=f"{REPOSITORY}dev") == "allowed"


def without(one: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in one.items() if key not in names}


ORG = "aws:PrincipalOrgID"
CONDITIONS: list[tuple[str, str, Any, str | tuple[str, ...] | None, bool | None]] = [
    # source, operator, values in the policy, values in the request (None: missing), holds
    (OPERATORS, "StringEquals", "a", "a", True),
    (OPERATORS, "StringEquals", "a", "A", False),
    (OPERATORS, "StringEquals", "a*", "ab", False),
    (OPERATORS, "StringEquals", "a", None, False),
    (LISTS, "StringEquals", ["a", "b"], "b", True),
    (OPERATORS, "StringNotEquals", "a", "b", True),
    (OPERATORS, "StringNotEquals", "a", None, True),
    (LISTS, "StringNotEquals", ["a", "b"], "b", False),
    (LISTS, "StringNotEquals", ["a", "b"], "c", True),
    (OPERATORS, "StringEqualsIgnoreCase", "Ab", "aB", True),
    (OPERATORS, "StringNotEqualsIgnoreCase", "Ab", "aB", False),
    (OPERATORS, "StringLike", "a*c?", "abbbcd", True),
    (OPERATORS, "StringLike", "a*", "Ab", False),
    (OPERATORS, "StringNotLike", "a*", "ab", False),
    (OPERATORS, "StringNotLike", "a*", None, True),
    (OPERATORS, "stringequals", "a", "a", True),
    (OPERATORS, "NumericEquals", "10", "10.0", True),
    (OPERATORS, "NumericNotEquals", "10", "10.0", False),
    (OPERATORS, "NumericNotEquals", "10", None, True),
    (OPERATORS, "NumericLessThan", "10", "9", True),
    (OPERATORS, "NumericLessThan", "10", "10", False),
    (OPERATORS, "NumericLessThanEquals", "10", "10", True),
    (OPERATORS, "NumericGreaterThan", "10", "9", False),
    (OPERATORS, "NumericGreaterThanEquals", "10", "10", True),
    (OPERATORS, "DateEquals", "2020-01-01T00:00:00Z", "1577836800", True),
    (OPERATORS, "DateEquals", "2020-01-01", "2020-01-01T01:00:00+01:00", True),
    (OPERATORS, "DateNotEquals", "2020-01-01", "2020-01-02", True),
    (OPERATORS, "DateLessThan", "2020-01-01T00:00:00Z", "2019-12-31T23:59:59Z", True),
    (OPERATORS, "DateLessThanEquals", "2020-01-01", "2020-01-01", True),
    (OPERATORS, "DateGreaterThan", "2020-01-01", "2019-01-01", False),
    (OPERATORS, "DateGreaterThanEquals", "1577836800", "2020-01-01T00:00:00Z", True),
    (OPERATORS, "Bool", "true", "true", True),
    (OPERATORS, "Bool", "true", "True", True),
    (OPERATORS, "Bool", "true", "false", False),
    (OPERATORS, "Bool", "false", None, False),
    (OPERATORS, "BinaryEquals", "QmluYXJ5", "QmluYXJ5", True),
    (OPERATORS, "BinaryEquals", "QmluYXJ5", "qmluYXJ5", False),
    (OPERATORS, "IpAddress", "203.0.113.0/24", "203.0.113.7", True),
    (OPERATORS, "IpAddress", "203.0.113.0/24", "203.0.114.7", False),
    (OPERATORS, "IpAddress", "203.0.113.7", "203.0.113.7", True),
    (OPERATORS, "IpAddress", "2001:DB8:1234:5678::/64", "2001:db8:1234:5678::1", True),
    (OPERATORS, "IpAddress", "203.0.113.0/24", "2001:db8::1", False),
    (OPERATORS, "NotIpAddress", "203.0.113.0/24", "203.0.114.7", True),
    (OPERATORS, "NotIpAddress", "203.0.113.0/24", None, True),
    (OPERATORS, "ArnEquals", "arn:aws:sns:*:123456789012:t", "arn:aws:sns:eu:123456789012:t", True),
    (OPERATORS, "ArnLike", "arn:aws:sns:*:t", "arn:aws:sns:eu:123456789012:t", None),
    (OPERATORS, "ArnLike", "arn:aws:s3:*:*:a*", "arn:aws:s3:::a/b:c", True),
    (OPERATORS, "ArnLike", "arn:aws:s*:a:1:x", "arn:aws:s3:a:a:1:x", False),
    (OPERATORS, "ArnNotLike", "arn:aws:sns:*:*:t", "arn:aws:sns:eu:1:t", False),
    (OPERATORS, "ArnNotEquals", "arn:aws:sns:*:*:t", None, True),
    # Null: true where the key is missing.
    (OPERATORS, "Null", "true", None, True),
    (OPERATORS, "Null", "true", "a", False),
    (OPERATORS, "Null", "false", "a", True),
    (OPERATORS, "Null", "false", None, False),
    # IfExists: true where the key is missing, else as without it.
    (OPERATORS, "StringEqualsIfExists", "a", None, True),
    (OPERATORS, "StringEqualsIfExists", "a", "b", False),
    (OPERATORS, "BoolIfExists", "true", None, True),
    # Several values in the request.
    (SETS, "ForAllValues:StringEquals", ["a", "b"], ("a", "b"), True),
    (SETS, "ForAllValues:StringEquals", ["a", "b"], ("a", "c"), False),
    (SETS, "ForAllValues:StringEquals", ["a", "b"], None, True),
    (SETS, "ForAnyValue:StringEquals", ["a", "b"], ("c", "b"), True),
    (SETS, "ForAnyValue:StringEquals", ["a", "b"], ("c", "d"), False),
    (SETS, "ForAnyValue:StringEquals", ["a", "b"], None, False),
    (SETS, "ForAnyValue:StringNotEquals", "a", ("a", "b"), True),
    (SETS, "ForAllValues:StringNotLike", "a*", ("b", "ab"), False),
    (SETS, "ForAnyValue:StringLike", "o-1/*", ("o-1/r", "o-2/r"), True),
    # Of these nothing can be said.
    (OPERATORS, "StringMatches", "a", "a", None),
    (OPERATORS, "NumericEquals", "ten", "10", None),
    (OPERATORS, "IpAddress", "10.0.0.0/8", "host", None),
    (SETS, "StringEquals", "a", ("a", "b"), None),
]


@pytest.mark.parametrize(("source", "operator", "values", "given", "expected"), CONDITIONS)
def test_conditions(
    source: str, operator: str, values: Any, given: Any, *, expected: bool | None
) -> None:
    context = {} if given is None else {"custom__key": given}
    rule = policy(allow(Condition={operator: {"Custom:KEY": values}}))
    outcome = {True: "allowed", False: "not said", None: "unknown"}[expected]
    assert ask(rule, **context) == outcome


def test_every_condition_of_a_statement_must_hold() -> None:
    """By LISTS: the keys are joined by a logical AND."""
    rule = policy(allow(Condition={"StringEquals": {"a:x": "1", "a:y": "2"}}))
    assert ask(rule, a__x="1", a__y="2") == "allowed"
    assert ask(rule, a__x="1", a__y="3") == "not said"


USERS = f"{REPOSITORY}${{aws:username}}/*"


@pytest.mark.parametrize(
    ("version", "resource", "asked", "context", "expected"),
    [
        ("2012-10-17", USERS, "bob/x", {}, True),
        ("2012-10-17", USERS, "eve/x", {}, False),
        ("2008-10-17", USERS, "bob/x", {}, False),
        ("2008-10-17", USERS, "${aws:username}/x", {}, True),
        ("2012-10-17", f"{REPOSITORY}${{a:x}}", "q", {"a__x": "q"}, True),
        ("2012-10-17", f"{REPOSITORY}${{A:X}}", "q", {"a__x": "q"}, True),
        # What stands in for a variable is literal.
        ("2012-10-17", f"{REPOSITORY}${{a:x}}", "abc", {"a__x": "a*"}, False),
        ("2012-10-17", f"{REPOSITORY}${{a:x}}", "a*", {"a__x": "a*"}, True),
        # Without a value nothing matches, but for a default.
        ("2012-10-17", f"{REPOSITORY}${{a:x}}", "", {}, False),
        ("2012-10-17", f"{REPOSITORY}${{a:x, 'dev'}}", "dev", {}, True),
        ("2012-10-17", f"{REPOSITORY}${{a:x, 'dev'}}", "dev", {"a__x": "q"}, False),
        # Escapes.
        ("2012-10-17", f"{REPOSITORY}${{*}}", "a", {}, False),
        ("2012-10-17", f"{REPOSITORY}${{*}}", "*", {}, True),
        ("2012-10-17", f"{REPOSITORY}a${{?}}${{$}}", "a?$", {}, True),
    ],
)
def test_variables(
    version: str, resource: str, asked: str, context: dict[str, str], *, expected: bool
) -> None:
    """By VARIABLES."""
    rule = policy(allow(Resource=resource), Version=version)
    outcome = ask(rule, USER, resource=f"{REPOSITORY}{asked}", **context)
    assert outcome == ("allowed" if expected else "not said")


def test_variables_in_conditions() -> None:
    """By VARIABLES."""
    rule = policy(allow(Condition={"StringEquals": {"a:x": "${aws:PrincipalAccount}"}}))
    assert ask(rule, a__x=ONE) == "allowed"
    assert ask(rule, a__x=TWO) == "not said"


@pytest.mark.parametrize(
    ("caller", "key", "value"),
    [
        (ONE, "aws:PrincipalType", "Account"),
        (ONE, "aws:userid", ONE),
        (USER, "aws:username", "bob"),
        (USER, "aws:PrincipalArn", USER),
        (USER, "aws:PrincipalType", "User"),
        (SESSION, "aws:PrincipalArn", f"arn:aws:iam::{ONE}:role/ci"),
        (SESSION, "aws:PrincipalType", "AssumedRole"),
        (SESSION, "aws:PrincipalAccount", ONE),
        (FEDERATED, "aws:PrincipalType", "FederatedUser"),
        (FEDERATED, "aws:userid", f"{ONE}:bob"),
        (SERVICE, "aws:PrincipalServiceName", SERVICE),
        (SERVICE, "aws:PrincipalIsAWSService", "true"),
        (ONE, "aws:PrincipalIsAWSService", "false"),
        ("*", "aws:PrincipalType", "Anonymous"),
    ],
)
def test_keys_that_follow_from_the_principal(caller: str, key: str, value: str) -> None:
    """By KEYS and the table of principal values in VARIABLES."""
    rule = policy(allow(Condition={"StringEquals": {key: value}}))
    assert ask(rule, caller) == "allowed"


@pytest.mark.parametrize("key", ["aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalOrgID"])
@pytest.mark.parametrize("caller", [SERVICE])
def test_keys_that_callers_without_an_account_do_not_have(caller: str, key: str) -> None:
    """By KEYS: requests of services do not include them."""
    assert ask(policy(allow(Condition={"Null": {key: "true"}})), caller) == "allowed"


def test_a_given_key_beats_a_derived_one() -> None:
    rule = policy(allow(Condition={"ArnLike": {"aws:PrincipalArn": ROLE}}))
    assert ask(rule, SESSION) == "not said"
    assert ask(rule, SESSION, AWS__principalARN=ROLE) == "allowed"


def test_a_decision_names_its_statements_and_what_is_missing() -> None:
    rule = Policy(
        policy(
            allow(Sid="A", Action="s3:*", Resource=f"{REPOSITORY}x"),
            allow(Sid="B", Condition={"StringEquals": {"aws:principalorgid": "o-exampleorg1"}}),
            deny(Sid="C", Principal={"AWS": TWO}),
        ).statements,
        "2012-10-17",
    )
    decision = evaluate(rule, Request(parse_caller(ONE), "ecr:ReplicateImage", "y"))
    assert decision.outcome == "not said"
    assert [(each.statement, each.missing) for each in decision.near] == [
        (1, ("Condition.StringEquals.aws:PrincipalOrgID",)),
        (0, ("Action", "Resource")),
    ]
    denied = evaluate(rule, Request(parse_caller(TWO), "ecr:ReplicateImage", "y"))
    assert (denied.outcome, denied.deciding) == ("denied", (2,))


def test_what_cannot_be_said_counts_only_where_it_matters() -> None:
    doubtful = {"StringMatches": {"a:x": "1"}}
    assert ask(policy(allow(), allow(Condition=doubtful))) == "allowed"
    assert ask(policy(allow(), deny(Condition=doubtful))) == "unknown"
    assert ask(policy(deny(Condition=doubtful))) == "unknown"
    assert ask(policy(allow(Condition=doubtful), deny())) == "denied"
    false_too = {**doubtful, "Bool": {"a:y": "true"}}
    assert ask(policy(allow(Condition=false_too))) == "not said"


@pytest.mark.parametrize(
    "text", ["", "bob", "11112222333", "arn:aws:iam::1:user/x", "arn:aws:iam::111122223333:role/*"]
)
def test_a_text_that_names_no_principal_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="names no principal"):
        parse_caller(text)
