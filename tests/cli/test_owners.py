"""Teams on one registry, as they go it: conflicts, guards by owner, and `planner owners`."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace

import pytest

from planner.policy.canonical import canonicalise
from planner.policy.parse import parse_policy
from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.policies import document, policy, statement

A, B, C = statement("A"), statement("B", "222233334444"), statement("C", "333344445555")


class Team:
    """A folder of one owner."""

    def __init__(self, cli: Cli, owner: str, settings: str = "") -> None:
        folder = cli.folder / owner
        folder.mkdir()
        self.cli = replace(cli, folder=folder)
        state = json.dumps(str(cli.folder / "state"))
        self.cli.write("planner.toml", f'owner = "{owner}"\nstate = {state}\n{settings}')

    def asks_for(self, *statements: dict[str, object]) -> Cli:
        self.cli.write("registry_policy.json", document(*statements))
        return self.cli

    def git(self, remote: str) -> None:
        for words in (["init", "-q"], ["remote", "add", "origin", remote]):
            subprocess.run(["git", *words], cwd=self.cli.folder, check=True, capture_output=True)


@pytest.fixture
def a(cli: Cli) -> Team:
    return Team(cli, "team-a")


@pytest.fixture
def b(cli: Cli) -> Team:
    team = Team(cli, "team-b")
    team.asks_for(B).ok("apply", "--auto-approve")
    return team


def live(account: Account) -> object:
    text = account.live()
    assert text is not None
    return canonicalise(parse_policy(text).policy).statements


def test_two_teams_and_a_console_edit(a: Team, b: Team, account: Account) -> None:
    account.put(document(B, C))
    shown = a.asks_for(A).ok("plan", "--out", "plan.json")
    assert "kept: 1 statement of team-b, 1 unmanaged" in shown
    assert 'statement["C"]' in a.cli.ok("plan", "--all-statements")
    a.cli.ok("apply", "plan.json")
    assert live(account) == policy(A, B, C).statements
    account.put(document(A, statement("B", "999999999999"), C))
    told = a.cli.ok("plan")
    assert "team-b" in told
    assert "No changes" in told
    undone = b.cli("plan")
    assert undone.returncode == 0
    assert "will be updated in-place" in undone.stdout
    assert "drift-undone" in undone.stdout
    assert "reason" in b.cli.fails(5, "apply", "--auto-approve")
    b.cli.ok("apply", "--auto-approve", "--approve", "nobody knows it")
    assert live(account) == policy(A, B, C).statements
    a.cli.ok("apply", "--auto-approve", "--destroy")
    assert live(account) == policy(B, C).statements


def test_ways_on_where_something_is_in_the_way(a: Team, b: Team, account: Account) -> None:
    a.asks_for(A, statement("B", "999999999999"))
    message = a.cli.fails(5, "plan")
    assert 'statement["B"] is owned by team-b' in message
    assert "--take 'statement[\"B\"]'" in message
    unused = a.cli.fails(64, "plan", "--take", 'statement["B"]', "--take", 'statement["Z"]')
    assert "--take Z has nothing to take" in unused
    shown = a.cli.ok("plan", "--take", 'statement["B"]')
    assert 'statement["B"] is taken over from team-b' in shown
    a.cli.ok("apply", "--auto-approve", "--take", 'statement["B"]')
    assert 'statement["B"] is owned by team-a' in b.cli.fails(5, "plan")
    assert live(account) == policy(A, statement("B", "999999999999")).statements


def test_own_only_of_whoever_runs_it(cli: Cli, a: Team, b: Team, account: Account) -> None:
    """The settings of a central job hold for every team's plan."""
    subprocess.run(["git", "init", "-q"], cwd=cli.folder, check=True)
    a.asks_for(statement("B", "999999999999"))
    a.cli.ok("plan", "--take-all", "--out", "../plan.json")
    state = json.dumps(str(cli.folder / "state"))
    rule = '\n[guard.owner.team-a]\nown-only = "refuse"\n'
    cli.write("planner.toml", f"state = {state}\n{rule}")
    refused = cli.fails(5, "apply", "plan.json")
    assert "it is taken over from team-b" in refused
    assert 'own-only = "ask" under [guard.owner.team-a] in planner.toml' in refused
    assert live(account) == policy(B).statements
    cli.write("planner.toml", f"state = {state}\n{rule.replace('team-a', 'team-z')}")
    cli.ok("apply", "plan.json")
    assert live(account) == policy(statement("B", "999999999999")).statements


def test_own_only_where_access_of_others_is_lost(cli: Cli, b: Team) -> None:
    a = Team(cli, "team-a", '[guard]\nown-only = "ask"\n[guard.owner.team-b]\nown-only = "allow"\n')
    deny = statement("No", "222233334444", Effect="Deny", Action="ecr:*")
    a.asks_for(deny)
    message = a.cli.fails(5, "apply", "--auto-approve")
    assert "access is lost that a statement of somebody else gives" in message
    a.asks_for(A).ok("apply", "--auto-approve")


def test_an_owner_stays_in_its_repository(a: Team) -> None:
    a.git("https://user:secret@git.example.com/acme/registry.git")
    a.asks_for(A).ok("apply", "--auto-approve")
    (row,) = json.loads(a.cli.ok("owners", "--json"))["owners"]
    assert row["source"] == {
        "repository": "git.example.com/acme/registry",
        "path": "planner.toml",
    }
    set_url = ["git", "remote", "set-url", "origin"]
    for url in ("git@git.example.com:acme/registry.git", "ssh://git.example.com/acme/registry/"):
        subprocess.run([*set_url, url], cwd=a.cli.folder, check=True)
        a.cli.ok("plan")
    subprocess.run([*set_url, "git@git.example.com:other/one"], cwd=a.cli.folder, check=True)
    message = a.cli.fails(5, "plan")
    assert "planner.toml of git.example.com/acme/registry" in message
    assert "planner.toml of git.example.com/other/one" in message
    moved = a.cli("plan", "--move-owner", "--detailed-exitcode")
    assert moved.returncode == 2
    a.cli.ok("apply", "--auto-approve", "--move-owner")
    assert "No changes." in a.cli.ok("plan")


def test_a_project_without_an_owner_over_owners(cli: Cli, b: Team, account: Account) -> None:
    cli.write("planner.toml", f"state = {json.dumps(str(cli.folder / 'state'))}\n")
    cli.write("registry_policy.json", document(A))
    message = cli.fails(5, "plan")
    assert "owners: team-b" in message
    assert "--take-all" in message
    assert "Takes over the whole policy from team-b." in cli.ok("plan", "--take-all")
    cli.ok("apply", "--auto-approve", "--take-all")
    assert live(account) == policy(A).statements
    refused = b.cli.fails(5, "plan")
    assert "owned whole" in refused
    b.asks_for(B).ok("apply", "--auto-approve", "--take-all")
    assert live(account) == policy(B).statements


def test_who_owns_what(a: Team, b: Team, account: Account) -> None:
    account.put(document(B, C))
    a.asks_for(A, statement(None)).ok("apply", "--auto-approve")
    shown = a.cli.ok("owners")
    assert "team-a" in shown
    assert 'statement["B"]' in shown
    assert "unmanaged" in shown
    rows = {each["owner"]: each for each in json.loads(a.cli.ok("owners", "--json"))["owners"]}
    assert {name: len(each["statements"]) for name, each in rows.items()} == {
        "team-a": 2,
        "team-b": 1,
        None: 1,
    }
    assert rows["team-b"]["serial"] == 1
    assert rows["team-a"]["serial"] == 2


def test_letting_go(a: Team, b: Team, account: Account) -> None:
    a.asks_for(A, C).ok("apply", "--auto-approve")
    message = a.cli.fails(1, "owners", "release", "Z", "--auto-approve")
    assert "neither an owner nor a statement" in message
    assert "--auto-approve" in a.cli.fails(64, "owners", "release", "team-b")
    done = a.cli("owners", "release", 'statement["C"]', "--auto-approve")
    assert done.returncode == 0
    assert '"team-a": {' in done.stdout
    assert "kept: 1 statement of team-b, 1 unmanaged" in a.asks_for(A).ok("plan")
    assert a.cli("owners", "release", "team-b", "--auto-approve").returncode == 0
    assert live(account) == policy(A, B, C).statements
    adopted = b.asks_for(B).ok("plan")
    assert "No changes" not in adopted
    b.cli.ok("apply", "--auto-approve")
    assert live(account) == policy(A, B, C).statements


def test_another_name(a: Team, b: Team) -> None:
    a.asks_for(A).ok("apply", "--auto-approve")
    assert "an owner team-b already" in a.cli.fails(
        1, "owners", "rename", "team-a", "team-b", "--auto-approve"
    )
    assert a.cli("owners", "rename", "team-a", "team-c", "--auto-approve").returncode == 0
    assert 'statement["A"] is owned by team-c' in a.cli.fails(5, "plan")
    settings = (a.cli.folder / "planner.toml").read_text().replace("team-a", "team-c")
    a.cli.write("planner.toml", settings)
    assert "No changes." in a.cli.ok("plan")
