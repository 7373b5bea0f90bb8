"""Equal policies share one canonical form; different ones do not."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.policy.canonical import canonicalise, digest
from planner.policy.document import Policy, serialize
from planner.policy.operators import OPERATORS
from planner.policy.parse import parse_policy
from tests.support.policies import document, policies, statement


def canonical(text: str, partition: str = "aws") -> Policy:
    return canonicalise(parse_policy(text).policy, partition)


def with_condition(operator: str, key: str, value: Any) -> str:
    return document(statement(Condition={operator: {key: value}}))


ROOT = "arn:aws:iam::111122223333:root"
EQUAL = {
    "string and list of one": (
        document(statement(Action="ecr:ReplicateImage")),
        document(statement(Action=["ecr:ReplicateImage"])),
    ),
    "statement object and list of one": (
        json.dumps({"Version": "2012-10-17", "Statement": statement()}),
        document(statement()),
    ),
    "order and duplicates in lists": (
        document(statement(Action=["ecr:A", "ecr:B"], Resource=["b", "a"])),
        document(statement(Action=["ecr:B", "ecr:A", "ecr:B"], Resource=["a", "b", "a"])),
    ),
    "order of statements": (
        document(statement("A"), statement("B")),
        document(statement("B"), statement("A")),
    ),
    "account id and root ARN": (
        document(statement(Principal={"AWS": ["111122223333", "222233334444"]})),
        document(statement(Principal={"AWS": ["arn:aws:iam::222233334444:root", ROOT]})),
    ),
    "the same account twice": (
        document(statement(Principal={"AWS": ["111122223333", ROOT]})),
        document(statement(Principal={"AWS": ROOT})),
    ),
    "star and AWS star": (
        document(statement(Principal="*")),
        document(statement(Principal={"AWS": ["*"]})),
    ),
    "action case": (
        document(statement(Action=["ECR:replicateimage", "s3:GETObject", "ecr:batch*"])),
        document(statement(Action=["ecr:ReplicateImage", "s3:getobject", "ecr:Batch*"])),
    ),
    "condition operator and key case": (
        with_condition("forallvalues:STRINGEQUALSifexists", "AWS:PRINCIPALorgid", "o-exampleorg1"),
        with_condition(
            "ForAllValues:StringEqualsIfExists", "aws:PrincipalOrgID", ["o-exampleorg1"]
        ),
    ),
    "tag key case": (
        with_condition("StringEquals", "aws:principaltag/Team", "a"),
        with_condition("StringEquals", "aws:PrincipalTag/team", "a"),
    ),
    "true and 'true'": (
        with_condition("Bool", "aws:SecureTransport", True),
        with_condition("Bool", "aws:SecureTransport", "true"),
    ),
    "5 and '5'": (
        with_condition("NumericEquals", "aws:MultiFactorAuthAge", [5, 1e3]),
        with_condition("NumericEquals", "aws:MultiFactorAuthAge", ["1000.0", "5"]),
    ),
    "missing and empty Sid": (document(statement(None)), document(statement(""))),
    "missing and empty Id": (document(statement()), document(statement(), Id="")),
    "missing and empty Condition": (document(statement()), document(statement(Condition={}))),
    "empty operator": (document(statement()), document(statement(Condition={"Bool": {}}))),
    "missing and old Version": (
        json.dumps({"Statement": [statement(Resource="a/${aws:username}")]}),
        document(statement(Resource="a/${aws:username}"), Version="2008-10-17"),
    ),
    "old and new Version without variables": (
        document(statement(), Version="2008-10-17"),
        document(statement(), Version="2012-10-17"),
    ),
    "white space and key order": (
        document(statement()),
        json.dumps(json.loads(document(statement())), indent=3, sort_keys=True),
    ),
}

DIFFERENT = {
    "star and a list with an account": (
        document(statement(Principal="*")),
        document(statement(Principal={"AWS": ["*", "111122223333"]})),
    ),
    "no principal in the block and star": (
        document(statement(Principal={})),
        document(statement(Principal="*")),
    ),
    "a deleted user and its ARN": (
        document(statement(Principal={"AWS": "AIDAJQABLZS4A3QDU576Q"})),
        document(statement(Principal={"AWS": "arn:aws:iam::111122223333:user/x"})),
    ),
    "root ARN of another partition": (
        document(statement(Principal={"AWS": "111122223333"})),
        document(statement(Principal={"AWS": "arn:aws-cn:iam::111122223333:root"})),
    ),
    "Action and NotAction": (
        document(statement()),
        document({**statement(Action=None), "NotAction": statement()["Action"]}).replace(
            '"Action": null, ', ""
        ),
    ),
    "condition value case": (
        with_condition("StringEquals", "aws:PrincipalOrgID", "o-a"),
        with_condition("StringEquals", "aws:PrincipalOrgID", "o-A"),
    ),
    "resource case": (document(statement(Resource="a")), document(statement(Resource="A"))),
    "Sid case": (document(statement("a")), document(statement("A"))),
    "no value and no condition": (
        document(statement()),
        with_condition("StringEquals", "aws:PrincipalOrgID", []),
    ),
    "versions with a variable": (
        document(statement(Resource="a/${aws:username}"), Version="2008-10-17"),
        document(statement(Resource="a/${aws:username}"), Version="2012-10-17"),
    ),
    "a letter that only looks like another": (
        document(statement(Action="ecr:BatchChec\u212aLayerAvailability")),
        document(statement(Action="ecr:BatchCheckLayerAvailability")),
    ),
    "one statement and the same twice": (
        document(statement()),
        document(statement(), statement()),
    ),
}


@pytest.mark.parametrize("name", EQUAL)
def test_equal(name: str) -> None:
    one, other = EQUAL[name]
    assert canonical(one) == canonical(other)
    assert digest(parse_policy(one).policy) == digest(parse_policy(other).policy)


@pytest.mark.parametrize("name", DIFFERENT)
def test_different(name: str) -> None:
    one, other = DIFFERENT[name]
    assert canonical(one) != canonical(other)
    assert digest(parse_policy(one).policy) != digest(parse_policy(other).policy)


def test_the_partition_decides_which_root_arn_is_the_account() -> None:
    chinese = document(statement(Principal={"AWS": "arn:aws-cn:iam::111122223333:root"}))
    plain = document(statement(Principal={"AWS": "111122223333"}))
    assert canonical(chinese, "aws-cn") == canonical(plain, "aws-cn")
    assert canonical(chinese) != canonical(plain)


@given(policies)
def test_canonicalising_twice_changes_nothing(policy: Policy) -> None:
    once = canonicalise(policy)
    assert canonicalise(once) == once
    assert canonicalise(parse_policy(serialize(once)).policy) == once


@given(policies, st.randoms(use_true_random=False))
def test_permuting_every_list_leaves_the_digest(policy: Policy, chance: random.Random) -> None:
    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            items = [(key, shuffled(inner)) for key, inner in value.items()]
            chance.shuffle(items)
            return dict(items)
        if isinstance(value, list):
            items = [shuffled(inner) for inner in value]
            chance.shuffle(items)
            return items
        return value

    text = json.dumps(shuffled(json.loads(serialize(policy))))
    assert digest(parse_policy(text).policy) == digest(policy)


@given(policies, policies)
def test_the_digest_tells_what_equality_tells(one: Policy, other: Policy) -> None:
    assert (digest(one) == digest(other)) == (canonicalise(one) == canonicalise(other))


def test_the_digest_does_not_depend_on_the_table_of_actions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = document(statement(Action=["ecr:ReplicateImage", "ecr:Batch*", "ecr:*Image"]))
    policy = parse_policy(text).policy
    today = digest(policy)
    monkeypatch.setattr("planner.policy.action.ecr_actions", dict)
    assert canonicalise(policy).statements[0].action.texts[0] == "ecr:*image"
    assert canonicalise(policy).statements[0].action.texts[2] == "ecr:replicateimage"
    assert digest(policy) == today


def test_actions_are_written_in_their_documented_spelling() -> None:
    text = document(statement(Action=["ECR:REPLICATEIMAGE", "ecr:BATCH*", "ecr:*IMAGE", "S3:Get*"]))
    (only,) = canonical(text).statements
    assert only.action.texts == ("ecr:*image", "ecr:Batch*", "ecr:ReplicateImage", "s3:get*")


def test_there_are_27_condition_operators() -> None:
    assert len(OPERATORS) == len({each.name for each in OPERATORS}) == 27
