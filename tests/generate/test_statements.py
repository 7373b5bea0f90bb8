"""Statements made from answers: what they are, and which answers are refused."""

from __future__ import annotations

from typing import Any

import pytest

from planner.errors import UsageError
from planner.generate.answers import check_answers
from planner.generate.policy_types import POLICY_TYPES, PartialRegistry, make_statement, preview
from planner.policy.document import statement_json

REGISTRY = PartialRegistry("aws", "444455556666", "us-west-2")
EVERYWHERE = "arn:aws:ecr:us-west-2:444455556666:repository/"
ROLE = "arn:aws:iam::111122223333:role/builder"


def made(kind_name: str, target: PartialRegistry = REGISTRY, **given: Any) -> dict[str, Any]:
    """The statement that the options make; `_` for the `-` of their names."""
    kind = next(each for each in POLICY_TYPES if each.name == kind_name)
    named = {name.replace("_", "-"): value for name, value in {"sid": "S", **given}.items()}
    return statement_json(make_statement(kind, check_answers(kind, named, target), target))


def test_replication_is_the_ecr_guides_example() -> None:
    assert made("replication", account=["111122223333, 222233334444", "333344445555"]) == {
        "Sid": "S",
        "Effect": "Allow",
        "Principal": {"AWS": ["111122223333", "222233334444", "333344445555"]},
        "Action": ["ecr:CreateRepository", "ecr:ReplicateImage"],
        "Resource": f"{EVERYWHERE}*",
    }
    assert made("replication", account=["111122223333"], repository_prefix="prod-")["Resource"] == (
        f"{EVERYWHERE}prod-*"
    )


def test_pull_through_cache() -> None:
    entities = [f"{ROLE},with-comma,arn:aws:iam::111122223333:user/ann"]
    result = made("pull-through-cache", principal=entities, namespace="docker-hub")
    assert result["Principal"] == {
        "AWS": [f"{ROLE},with-comma", "arn:aws:iam::111122223333:user/ann"]
    }
    assert result["Action"] == ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"]
    assert result["Resource"] == f"{EVERYWHERE}docker-hub/*"


@pytest.mark.parametrize(
    ("namespace", "repository", "names"),
    [
        ("ecr-public/", ["amazonlinux"], ["ecr-public/amazonlinux"]),
        ("hub", ["library/*,nginx"], ["hub/library/*", "hub/nginx"]),
        ("ROOT", [], ["*"]),
    ],
)
def test_what_is_cached(namespace: str, repository: list[str], names: list[str]) -> None:
    result = made(
        "pull-through-cache", principal=[ROLE], namespace=namespace, repository=repository
    )
    resources = [result["Resource"]] if len(names) == 1 else result["Resource"]
    assert resources == [f"{EVERYWHERE}{name}" for name in names]


def test_an_organization_may_pull_and_push() -> None:
    for kind, count in (("pull", 3), ("push", 6)):
        result = made(kind, organization="o-a1b2c3d4e5")
        assert result["Principal"] == "*"
        assert result["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
        assert len(result["Action"]) == count


def test_what_is_not_known_is_filled_at_plan() -> None:
    result = made("pull", PartialRegistry(), account=["{{build_account}}"])
    resource = "arn:{{partition}}:ecr:{{region}}:{{account_id}}:repository/*"
    assert result["Resource"] == resource
    assert result["Principal"] == {"AWS": "{{build_account}}"}


@pytest.mark.parametrize(
    ("kind", "given", "reason"),
    [
        ("replication", {"sid": "two words", "account": ["111122223333"]}, "--sid:"),
        ("replication", {"sid": "é", "account": ["111122223333"]}, '--sid: "\\u00e9"'),
        ("replication", {"sid": "", "account": ["111122223333"]}, "--sid is empty"),
        ("replication", {"account": ["11112222333"]}, "--account: 11112222333 is no account id"),
        ("replication", {"account": [","]}, "--account is empty"),
        ("replication", {}, "Missing option --account."),
        ("replication", {"account": ["1" * 12], "repository_prefix": "Prod"}, "--repository-pr"),
        ("replication", {"account": ["1" * 12], "repository_prefix": "p*"}, "'*', which is added"),
        ("replication", {"account": ["1" * 12], "repository_prefix": "p" * 257}, "at most 256"),
        ("pull", {}, "Missing option --account or --organization."),
        ("pull", {"organization": "o-SHORT"}, "--organization: o-SHORT"),
        ("pull", {"organization": "o-a1b2c3d4e5", "account": ["1" * 12]}, "both given"),
        ("pull-through-cache", {"namespace": "a"}, "Missing option --principal."),
        ("pull-through-cache", {"principal": ["*"], "namespace": "a"}, "names no user or role"),
        ("pull-through-cache", {"principal": ["AIDA" + "A" * 17], "namespace": "a"}, "its ARN"),
        (
            "pull-through-cache",
            {"principal": ["arn:aws:iam::111122223333:group/g"], "namespace": "a"},
            "a group cannot be a principal",
        ),
        (
            "pull-through-cache",
            {"principal": ["arn:aws-cn:iam::111122223333:role/r"], "namespace": "a"},
            "is in partition aws-cn",
        ),
        ("pull-through-cache", {"principal": [ROLE], "namespace": "a//b"}, "--namespace:"),
        (
            "pull-through-cache",
            {"principal": [ROLE], "namespace": "a", "repository": ["b/*/c"]},
            "--repository:",
        ),
    ],
)
def test_a_wrong_answer_is_refused_at_once(kind: str, given: dict[str, Any], reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        made(kind, **given)
    assert reason in caught.value.summary


def test_another_partition_is_right_where_the_registry_is_unknown_or_there() -> None:
    role = "arn:aws-cn:iam::111122223333:role/{{name}}"
    for target in (PartialRegistry(), PartialRegistry("aws-cn", "444455556666", "cn-north-1")):
        assert made("pull-through-cache", target, principal=[role], namespace="a")["Principal"] == {
            "AWS": role
        }


def test_the_preview_says_who_may_do_what() -> None:
    for kind in POLICY_TYPES:
        answers = {"sid": ("S",), "account": ("444455556666",), "namespace": ("hub",)}
        answers = {each.name: answers[each.name] for each in kind.fields if each.name in answers}
        lines = preview(kind, make_statement(kind, answers, REGISTRY), REGISTRY)
        assert kind.allows in lines[2]
        scope = any("raise_scope = true" in each for each in lines)
        assert scope == (kind.name in ("pull", "push"))
        own = any("own account" in each for each in lines)
        assert own == (kind.name != "pull-through-cache")
