"""`[[assert]]` in planner.toml: what it takes, and what is no assertion."""

from __future__ import annotations

import json

import pytest

from planner.config.parse import parse_settings
from planner.errors import PlannerError
from planner.guard.assertion import MOST_ASSERTIONS, assertion_from

ONE = """
principal = "222233334444"
action = "pull"
repository = "prod-*"
may = true
reason = "production pulls"
"""


def entry(**changed: str) -> str:
    """ONE with members that are written anew; an empty text takes one away."""
    members = dict(each.split(" = ", 1) for each in ONE.strip().splitlines())
    lines = [f"{key} = {value}" for key, value in {**members, **changed}.items() if value]
    return "\n".join(["[[assert]]", *lines, ""])


def test_one_text_is_a_list_of_one() -> None:
    (one,) = parse_settings(entry().encode()).assertions
    (other,) = parse_settings(entry(principal='["222233334444"]').encode()).assertions
    assert one == other
    assert assertion_from(one.to_json(), "it") == one


def test_each_has_the_line_that_it_begins_in() -> None:
    text = f'region = "us-west-2"\n\n{entry()}\n# [[assert]]\n{entry(may="false")}'
    assert [each.line for each in parse_settings(text.encode()).assertions] == [3, 11]
    # Where lines and assertions cannot be told apart, none is better than a wrong one.
    text = entry(reason='"""\n[[assert]]\n"""')
    assert [each.line for each in parse_settings(text.encode()).assertions] == [1]


def test_everyone_else_is_who_is_outside() -> None:
    (one,) = parse_settings(entry(principal="", outside='"o-a1b2c3d4e5"').encode()).assertions
    assert one.principal == ("*",)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"prinzipal": '"*"'}, "Did you mean 'principal'"),
        ({"principal": ""}, "has no 'principal'"),
        ({"action": ""}, "has no 'action'"),
        ({"may": ""}, "has no 'may'"),
        ({"reason": ""}, "has no 'reason'"),
        ({"may": '"true"'}, "neither true nor false"),
        ({"may": "1"}, "neither true nor false"),
        ({"reason": '" "'}, "no text that says something"),
        ({"reason": json.dumps(501 * "x")}, "no text that says something"),
        ({"principal": "222233334444"}, "neither a text nor a list of texts"),
        ({"principal": "[]"}, "neither a text nor a list of texts"),
        ({"principal": '["*", 1]'}, "neither a text nor a list of texts"),
        ({"principal": '"2222"'}, "it has 4 digits, not 12"),
        ({"principal": '"o-short"'}, "is no organization id"),
        ({"principal": '"arn:aws:iam::222233334444:group/x"'}, "a group cannot be a principal"),
        ({"principal": '"arn:aws:iam:*"'}, "arn"),
        ({"principal": '"{{account_id}}"'}, "nothing fills '{{account_id}}'"),
        ({"repository": '"${aws:username}"'}, "nothing fills '${aws:username}'"),
        ({"principal": json.dumps(21 * ["222233334444"])}, "is too long"),
        ({"outside": '"*"'}, "cannot take out '*'"),
        ({"outside": '"arn:aws:sts::222233334444:assumed-role/ci/me"'}, "cannot take out"),
        ({"outside": '"organization"'}, "is no principal"),
        ({"repository": '"Prod"'}, "no repository is named like 'Prod'"),
        ({"repository": '"app:1"'}, "no repository is named like 'app:1'"),
        ({"repository": '"arn:aws:ecr:us-west-2:444455556666:repository/x"'}, "without tag"),
        ({"action": '"pul"'}, "Did you mean 'pull'"),
        ({"action": '"PutImage"'}, "Did you mean 'ecr:PutImage'"),
        ({"action": '"ecr:PutImages"'}, "Did you mean 'ecr:PutImage'"),
        ({"action": '"s3:GetObject"'}, "is no action of ECR"),
        ({"action": '["pull", "ecr:GetAuthorizationToken"]'}, "for no single repository"),
        ({"action": '"log in"'}, 'Write repository = "*"'),
        ({"context": '"x"'}, "'context' is no table"),
        ({"context": '{"aws:Madeup" = "x"}'}, "no request to ECR has the key 'aws:Madeup'"),
        ({"context": '{"aws:SecureTransport" = "maybe"}'}, "aws:SecureTransport"),
        ({"context": '{"aws:SecureTransport" = false}'}, "neither a text nor a list of texts"),
        ({"context": '{"aws:PrincipalOrgID" = "o-1"}'}, "is no organization id"),
    ],
)
def test_what_is_no_assertion(changed: dict[str, str], words: str) -> None:
    with pytest.raises(PlannerError) as caught:
        parse_settings(entry(**changed).encode())
    assert caught.value.exit_code == 1
    said = f"{caught.value.summary} {caught.value.detail} {caught.value.hint}"
    assert words in said
    assert "[[assert]] 1" in said


@pytest.mark.parametrize("text", ["assert = 1", 'assert = ["x"]', "[assert]\nmay = true"])
def test_what_is_no_list_of_assertions(text: str) -> None:
    with pytest.raises(PlannerError):
        parse_settings(text.encode())


def test_so_many_are_not_checked() -> None:
    with pytest.raises(PlannerError, match="101 assertions"):
        parse_settings((MOST_ASSERTIONS + 1) * entry().encode())
