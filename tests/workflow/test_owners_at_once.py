"""Owners with a folder each, their processes at once on one registry: nobody's change is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from planner.policy.canonical import canonicalise
from planner.policy.document import Policy
from planner.records.snapshot import load_snapshot
from planner.registry import Registry
from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.effort import tries
from tests.support.policies import document, parsed, policy, statement
from tests.support.project import LONG_LEASE, Project

PROCESSES = 8
OWNERS = ("team-a", "team-b", "team-c")
CONSOLE = statement("Console", "999999999999")


def statements_of(owner: str, at: int) -> list[dict[str, object]]:
    """What an owner asks for in a round: one that stays, one that changes, one that is new."""
    number = OWNERS.index(owner)
    accounts = (f"{number}{0:011}", f"{number}1{at:010}", f"{number}2{at:010}")
    sids = (f"{owner}-stays", f"{owner}-changes", f"{owner}-{at}")
    return [statement(*each) for each in zip(sids, accounts, strict=True)]


@pytest.mark.parametrize("store", ["local", "s3"])
def test_three_owners_and_eight_processes(cli: Cli, account: Account, store: str) -> None:
    place = f"s3://{account.make_bucket()}/planner/" if store == "s3" else ".planner/state"
    where = place if store == "s3" else str(cli.folder / place)
    projects = {owner: project_of(cli, owner, where) for owner in OWNERS}
    shared = Project(cli, account, store)
    account.put(document(CONSOLE))
    for at in range(tries(5)):
        for owner, project in projects.items():
            project.write("registry_policy.json", document(*statements_of(owner, at)))
        ends = all_at_once(projects)
        for codes in ends.values():
            # Of one owner's processes one may have been told that another has applied it.
            assert codes.count(0) >= 1, ends
            assert set(codes) <= {0, 3}, ends
        every = [each for owner in OWNERS for each in statements_of(owner, at)]
        assert live_of(account).statements == policy(CONSOLE, *every).statements
        assert owned_in(shared) == {
            owner: policy(*statements_of(owner, at)).statements for owner in OWNERS
        }
    serials = [each["serial"] for each in shared.history()]
    assert serials == list(range(serials[0], 0, -1))
    assert serials[0] == 3 * tries(5)


def project_of(cli: Cli, owner: str, place: str) -> Cli:
    folder = cli.folder / owner
    folder.mkdir()
    project = replace(cli, folder=folder)
    settings = f'owner = "{owner}"\nstate = "{place}"\nlock_lease = "{LONG_LEASE}"\n'
    project.write("planner.toml", settings)
    return project


def all_at_once(projects: dict[str, Cli]) -> dict[str, list[int]]:
    """The exit codes of the processes of each owner."""
    started = [
        (owner, projects[owner].start("apply", "--auto-approve", "--lock-timeout", "50s"))
        for owner in (OWNERS[number % 3] for number in range(PROCESSES))
    ]
    ends: dict[str, list[int]] = {owner: [] for owner in projects}
    for owner, process in started:
        with process:
            _, errors = process.communicate(timeout=60)
            assert "Traceback" not in errors
            ends[owner].append(process.wait())
    return ends


def live_of(account: Account) -> Policy:
    text = account.live()
    assert text is not None
    return canonicalise(parsed(text))


def owned_in(shared: Project) -> dict[str, object]:
    found = shared.documents()
    registry = Registry("aws", shared.account.account_id, "us-west-2")
    snapshot = load_snapshot(found.pop("us-west-2.json"), "state", registry)
    assert not found, "a lock or a journal is left behind"
    return {name: each.statements for name, each in snapshot.owners.items()}
