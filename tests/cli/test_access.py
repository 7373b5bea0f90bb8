"""`access` and `compare`, in the words that people and other programs read."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from planner.registry import Registry
from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.policies import REPOSITORY, document, statement

REGISTRY = Registry("aws", "444455556666", "us-west-2")
PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"]
ORG = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
POLICY = document(
    statement("Replication", Resource=f"{REPOSITORY}prod-*"),
    statement("Pull", Principal="*", Action=PULL, Resource=f"{REPOSITORY}*", Condition=ORG),
    statement("Own", "444455556666", Action="ecr:PutImage"),
    statement("Never", Effect="Deny", Principal="*", Action="ecr:*", Resource=f"{REPOSITORY}x*"),
)
EVERYBODY = ["111122223333", "*"]
TABLE = """\
Principal                     Can                           On                 Condition
----------------------------  ----------------------------  -----------------  \
--------------------------------------------
account 111122223333 (build)  replicate, create repository  repository/prod-*  -
everyone                      pull                          repository/*       \
StringEquals aws:PrincipalOrgID o-a1b2c3d4e5

Other accounts are allowed here; their own IAM must allow it too.

statement["Own"] names the registry's own account, which leaves its people to their IAM.

Denied, whatever other policies allow:
"""


@pytest.fixture
def folder(offline: Cli) -> Cli:
    offline.write("registry_policy.json", POLICY)
    offline.write("planner.toml", '[accounts]\n111122223333 = "build"\n')
    return offline


def test_access_is_the_whole_table(folder: Cli) -> None:
    shown = folder.ok("access")
    assert shown.startswith(TABLE)
    denied = shown.removeprefix(TABLE)
    assert denied.index("this account's users and roles, 444455556666") < denied.index("everyone ")
    assert shown.endswith("\nThe scope of the registry is not known: this is as under V2.\n")
    assert "scope" not in folder.ok("access", "--scope", "V2")
    assert "scope" not in folder.ok("access", "--action", "replicate")
    shown = json.loads(folder.ok("access", "--format", "json"))
    assert [row["principal"]["id"] for row in shown["access"]] == [
        "111122223333",
        "*",
    ]
    assert shown["unknown"] == []
    assert shown["registry"] == REGISTRY.to_json()


def test_access_for_a_spreadsheet_and_for_a_page(folder: Cli) -> None:
    rows = list(csv.reader(io.StringIO(folder.ok("access", "--format", "csv"))))
    assert rows[0] == "kind principal actions resource condition public cross_account".split()
    assert rows[1][:3] == ["account", "111122223333", "ecr:CreateRepository ecr:ReplicateImage"]
    page = folder.ok("access", "--format", "markdown").splitlines()
    assert page[1].startswith("|:--")
    assert "repository/prod-\\*" in page[2]


def test_a_row_of_a_spreadsheet_is_one_line(folder: Cli) -> None:
    """Line breaks in a policy would begin lines that CI runners take for commands."""
    hostile = {"StringEquals": {"aws:PrincipalTag/\n::error::x": "x"}}
    folder.write("hostile.json", document(statement("A", Condition=hostile)))
    text = folder.ok("access", "hostile.json", "--format", "csv")
    assert len(text.splitlines()) == 2
    assert text.replace("\n", "").isprintable()


@pytest.mark.parametrize(
    ("words", "principals"),
    [
        (("--principal", "111122223333"), ["111122223333", "*"]),
        (("--principal", "arn:aws:iam::111122223333:role/ci"), ["111122223333", "*"]),
        (("--principal", "999999999999"), ["*"]),
        (("--action", "ecr:replicate*"), ["111122223333"]),
        (("--repository", "prod-api"), EVERYBODY),
        (("--repository", "dev"), ["*"]),
        (("--repository", "repository/dev", "--action", "ecr:Put*"), []),
        # The words of the table itself, so that a cell can be copied.
        (("--principal", "account 111122223333 (build)"), ["111122223333", "*"]),
        (("--principal", "build", "--action", "create repository"), ["111122223333"]),
        (("--action", "pull"), ["*"]),
        (("--action", "everything", "--principal", "everyone"), ["*"]),
        (("--repository", "444455556666.dkr.ecr.us-west-2.amazonaws.com/prod-a:1"), EVERYBODY),
        (("--repository", "prod-*"), EVERYBODY),
    ],
)
def test_access_is_filtered(folder: Cli, words: tuple[str, ...], principals: list[str]) -> None:
    shown = json.loads(folder.ok("access", "--format", "json", *words))
    assert [row["principal"]["id"] for row in shown["access"]] == principals


def test_scope_v1_speaks_of_three_actions(folder: Cli) -> None:
    everything = statement("All", Action="ecr:*", Resource=f"{REPOSITORY}*")
    folder.write("all.json", document(everything, statement("Put", Action="ecr:PutImage")))
    shown = folder.ok("access", "all.json", "--scope", "V1")
    assert "replicate, create repository, cache upstream" in shown
    assert "PutImage" not in shown
    assert "push, pull" in folder.ok("access", "all.json")


def test_access_of_nobody(offline: Cli) -> None:
    offline.write("none.json", document(statement(Effect="Deny")))
    assert offline.ok("access", "none.json").startswith("Nobody")


def test_access_reads_ecr(cli: Cli, account: Account) -> None:
    own = f"arn:aws:ecr:us-west-2:{account.account_id}:repository/"
    assert cli.ok("access", "--live").startswith("Nobody")
    account.put(document(statement("A", Resource=f"{own}*")))
    assert "account 111122223333  replicate, create repository  repository/*" in cli.ok(
        "access", "--live"
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("compare", "-", "-"), 64),
        (("compare", "registry_policy.json", "nowhere.json"), 1),
        (("access", "--principal", "bob"), 64),
        (("access", "--action", "ecr:ReplicateImagee"), 64),
        (("access", "--action", "s3:GetObject"), 64),
        (("access", "--action", "pulll"), 64),
        (("access", "--repository", "BAD NAME"), 64),
        (("access", "--repository", "444455556666.dkr.ecr.eu-west-1.amazonaws.com/a"), 64),
    ],
)
def test_mistakes_are_told(folder: Cli, words: tuple[str, ...], code: int) -> None:
    folder.fails(code, *words)


def test_compare_tells_verdict_tables_and_witnesses(folder: Cli) -> None:
    folder.write("b.json", POLICY.replace("111122223333", "222233334444"))
    text = folder.ok("compare", "registry_policy.json", "b.json")
    assert "Access gained\n" in text
    assert "Access lost\n" in text
    assert (
        "Verdict: both.\n"
        "  account 222233334444 can now ecr:ReplicateImage into repository/prod-a.\n"
        "  account 111122223333 can no longer ecr:ReplicateImage into repository/prod-a.\n"
    ) in text
    view = json.loads(folder.ok("compare", "--json", "registry_policy.json", "b.json"))
    assert view["verdict"] == "both"
    assert view["gained"][0]["witness"]["principal"] == "arn:aws:iam::222233334444:root"


@pytest.mark.parametrize(
    ("before", "after", "failing"),
    [
        ("narrow", "narrow", set()),
        ("narrow", "wide", {"broadening", "any"}),
        ("wide", "narrow", {"narrowing", "any"}),
        ("wide", "unclear", {"narrowing", "unknown", "any"}),
        ("narrow", "unclear", {"broadening", "narrowing", "unknown", "any"}),
    ],
)
def test_fail_on_decides_the_exit_code(
    offline: Cli, before: str, after: str, failing: set[str]
) -> None:
    offline.write("narrow", document(statement("A", Resource=f"{REPOSITORY}a")))
    offline.write("wide", document(statement("A")))
    offline.write("unclear", document(statement("A", Condition={"StringMatches": {"a:b": "c"}})))
    offline.ok("compare", before, after)
    for case in ("broadening", "narrowing", "unknown", "any"):
        expected = 1 if case in failing else 0
        assert offline("compare", before, after, "--fail-on", case).returncode == expected, case


def test_compare_takes_policies_of_other_services_and_fills_placeholders(offline: Cli) -> None:
    body = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::{{bucket}}/*"}
    offline.write("a.json", document(body))
    offline.write("b.json", document({**body, "Action": "s3:GetObject"}))
    refused = offline.fails(6, "compare", "a.json", "b.json")
    assert "nothing gives a value to '{{bucket}}'" in refused
    text = offline.ok("compare", "a.json", "b.json", "--var", "bucket=logs")
    assert "Verdict: narrows." in text


def test_access_needs_a_policy(tmp_path: Path, offline: Cli) -> None:
    assert "registry_policy.json" in offline.fails(1, "access")


def test_what_the_registry_fills_stays_where_it_is_not_known(offline: Cli) -> None:
    resource = "arn:{{partition}}:ecr:{{region}}:{{account_id}}:repository/*"
    offline.write("registry_policy.json", document(statement("A", Resource=resource)))
    assert resource in offline.ok("access")
    same = ("compare", "registry_policy.json", "registry_policy.json")
    assert "Verdict: equivalent." in offline.ok(*same)


def test_an_invented_account_is_called_an_example(offline: Cli) -> None:
    offline.write("a.json", document(statement("A")))
    offline.write("b.json", document(statement("A", Principal="*")))
    assert "anyone, such as account " in offline.ok("compare", "a.json", "b.json")
