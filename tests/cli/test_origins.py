"""Which registry an answer is about, where neither flags nor planner.toml say it."""

from __future__ import annotations

import pytest

from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.policies import document, statement

FROM_POLICY = (
    "Registry 444455556666/us-west-2: account and Region come from the resources in the policy.\n"
)
COMMANDS = [
    ("validate",),
    ("access",),
    ("can", "111122223333", "ecr:ReplicateImage", "x"),
]
every_command = pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])


@pytest.fixture
def folder(offline: Cli) -> Cli:
    offline.write("registry_policy.json", document(statement("A")))
    return offline


@every_command
def test_an_answer_says_where_account_and_region_come_from(
    folder: Cli, words: tuple[str, ...]
) -> None:
    answer = folder(*words)
    assert answer.stderr == FROM_POLICY
    assert "Registry" not in answer.stdout
    assert folder(*words, "--json").stderr == FROM_POLICY
    assert folder(*words, AWS_REGION="eu-west-1").stderr == (
        "Registry 444455556666/eu-west-1: the account comes from the resources in the policy, "
        "the Region from AWS_REGION.\n"
    )
    assert folder(*words, "--account-id", "444455556666").stderr == (
        "Registry 444455556666/us-west-2: the Region comes from the resources in the policy.\n"
    )


@every_command
def test_nothing_is_said_of_what_flags_and_settings_name(
    folder: Cli, words: tuple[str, ...]
) -> None:
    assert not folder(*words, "--account-id", "444455556666", "--region", "us-west-2").stderr
    folder.write("planner.toml", 'account_id = "444455556666"\nregion = "us-west-2"\n')
    assert not folder(*words, AWS_REGION="eu-west-1").stderr


def test_nothing_is_said_where_no_registry_is_known(folder: Cli) -> None:
    folder.write("any.json", document(statement("A", Resource="*")))
    assert not folder("validate", "any.json", AWS_REGION="eu-west-1").stderr


def test_each_registry_of_several_files_is_said_once(folder: Cli) -> None:
    text = document(statement("A"))
    folder.write("b.json", text)
    folder.write("c.json", text.replace("us-west-2", "eu-west-1"))
    said = folder("validate", "registry_policy.json", "b.json", "c.json").stderr
    assert said == FROM_POLICY + FROM_POLICY.replace("us-west-2", "eu-west-1")


def test_the_live_policy_is_that_of_the_credentials(cli: Cli, account: Account) -> None:
    said = cli("access", "--live").stderr
    assert said == (
        f"Registry {account.account_id}/us-west-2: "
        "the account comes from the AWS credentials, the Region from AWS_DEFAULT_REGION.\n"
    )
    words = ("--account-id", account.account_id, "--region", "us-west-2")
    assert not cli("access", "--live", *words).stderr


def test_a_policy_of_another_region_says_where_the_region_came_from(offline: Cli) -> None:
    offline.write("registry_policy.json", document(statement("A")))
    words = ("plan", "--live", "/dev/null", "--account-id", "444455556666")
    told = offline.fails(6, *words, AWS_REGION="eu-west-1")
    assert "[foreign-resource]" in told
    assert "Registry 444455556666/eu-west-1: the Region comes from AWS_REGION." in told


def test_a_place_that_keeps_no_state(offline: Cli) -> None:
    for place in ("gs://team-state/planner/", "s3:/bucket/x", "https://host/x"):
        assert "s3://BUCKET/PREFIX/" in offline.fails(64, "state", "list", "--state", place)
    offline.write("planner.toml", 'state = "gs://team-state/"\n')
    assert "planner.toml: state" in offline.fails(1, "state", "list")
    assert not (offline.folder / "gs:").exists()


def test_a_name_that_no_repository_has(offline: Cli) -> None:
    offline.write("registry_policy.json", document(statement("A")))
    told = offline.fails(64, "can", "111122223333", "ecr:ReplicateImage", "Bad Name")
    assert "no repository is named like 'Bad Name'" in told
    assert "BAD" in offline.fails(64, "access", "--repository", "BAD")


def test_generate_takes_the_region_that_plan_takes(offline: Cli) -> None:
    """The environment comes before the resources in the file, in every command."""
    offline.write("registry_policy.json", document(statement("A")))
    words = ("replication", "--sid", "B", "--account", "111122223333")
    made = offline("generate", *words, AWS_REGION="eu-west-1")
    assert "arn:aws:ecr:eu-west-1:444455556666:repository/*" in made.stdout
    assert "the Region from AWS_REGION." in made.stderr
