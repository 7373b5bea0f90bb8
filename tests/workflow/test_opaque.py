"""A live policy in a grammar of tomorrow: its owner still plans and applies, by its text."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.support.account import Account
from tests.support.cli import Cli, Result
from tests.support.faults import Proxy
from tests.support.policies import document, statement
from tests.support.project import AFTER, THEIRS, WAIT, Project
from tests.support.schema import PLAN

ORG = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
MANY = {"AWS": [f"{number}" * 12 for number in range(1, 7)]}
TOMORROW = document(statement("Tomorrow", Principal=MANY, Condition=ORG))
UNREAD = (
    'planner cannot read the live policy: /Statement/0/Grade: a statement has no element "Grade"'
)
REASON = ("--approve", "The new grammar is meant to go.")
REASONLESS = "The guard asks for a reason"


@dataclass
class Tomorrow:
    """A project whose ECR knows an element `Grade`, which this planner does not."""

    project: Project
    url: str

    def __call__(self, *words: str) -> Result:
        return self.project.cli(*words, AWS_ENDPOINT_URL=self.url)

    def fails(self, code: int, *words: str) -> str:
        result = self(*words)
        assert (result.returncode, "Traceback" in result.stderr) == (code, False), result
        return result.stderr


@pytest.fixture
def tomorrow(local: Project, proxy: Proxy) -> Tomorrow:
    proxy.rewritten[rb"\"Sid\" : \"Tomorrow\""] = rb"\"Grade\" : \"Tomorrow\""
    local.account.put(TOMORROW)
    return Tomorrow(local, proxy.url)


def _plan(tomorrow: Tomorrow, *words: str) -> dict[str, Any]:
    result = tomorrow("plan", "--json", *words)
    assert result.returncode == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    PLAN.validate(found)
    return found


def test_it_is_planned_and_applied_with_a_reason(tomorrow: Tomorrow) -> None:
    planned = tomorrow("plan", "--out", "plan.json")
    assert planned.returncode == 0
    assert f"Warning: {UNREAD}" in planned.stderr
    assert "Warning: The live policy is one that this planner cannot read." in planned.stdout
    assert '- "Grade": "Tomorrow"' in " ".join(planned.stdout.split())
    assert "Plan: 1 to add, 0 to change, 0 to destroy." in planned.stdout
    assert "Verdict: unknown." in planned.stdout
    assert "planner apply plan.json --approve" in planned.stdout
    assert tomorrow("show", "plan.json").stdout == planned.stdout
    assert REASONLESS in tomorrow.fails(5, "apply", "plan.json") + tomorrow.fails(
        5, "apply", "--auto-approve"
    )
    applied = tomorrow("apply", "plan.json", *REASON)
    assert applied.returncode == 0, applied.stderr
    assert UNREAD in applied.stderr
    tomorrow.project.assert_settled(AFTER, 1)


def test_the_plan_is_over_the_texts(tomorrow: Tomorrow) -> None:
    one, again = _plan(tomorrow), _plan(tomorrow)
    assert {**one, "created_at": "", "checksum": ""} == {**again, "created_at": "", "checksum": ""}
    assert '"Grade": "Tomorrow"' in one["before"]
    assert one["access"] == {
        "verdict": "unknown",
        **{key: [] for key in ("gained", "lost", "denied", "released")},
        "unknown": [
            {
                **dict.fromkeys(("principal", "resource", "condition", "statement")),
                "reason": UNREAD,
                "side": "either",
            }
        ],
    }
    tomorrow.project.account.put(TOMORROW.replace("o-a1b2c3d4e5", "o-f6g7h8i9j0"))
    assert _plan(tomorrow)["plan_id"] != one["plan_id"]


@pytest.mark.parametrize("theirs", [TOMORROW.replace("o-a1b2c3d4e5", "o-f6g7h8i9j0"), THEIRS, ""])
def test_what_moves_meanwhile_makes_it_stale(tomorrow: Tomorrow, theirs: str) -> None:
    assert tomorrow("plan", "--out", "plan.json").returncode == 0
    if theirs:
        tomorrow.project.account.put(theirs)
    else:
        tomorrow.project.account.client().delete_registry_policy()
    message = tomorrow.fails(3, "apply", "plan.json", *REASON)
    assert "the live policy has changed since" in message
    assert "that this planner cannot read" in message


def test_a_plan_made_before_it_is_stale(local: Project, tomorrow: Tomorrow) -> None:
    message = tomorrow.fails(3, "apply", "plan.json")
    assert "made with another" not in message
    assert "The live policy is one that this planner cannot read (/Statement/0/Grade" in message
    assert local.documents().keys() <= {"us-west-2.lock.json"}


def test_it_is_told_as_drift_and_may_be_taken_away(tomorrow: Tomorrow, account: Account) -> None:
    assert tomorrow("apply", "--auto-approve", *REASON).returncode == 0
    account.put(TOMORROW)
    planned = tomorrow("plan", "--destroy").stdout
    assert (
        "Warning: Changed outside planner since serial 1: the live policy is one that this "
        "planner cannot read." in planned
    )
    assert "the registry policy itself is deleted" in planned
    assert tomorrow("apply", "--destroy", "--auto-approve", *REASON).returncode == 0
    assert account.live() is None


@pytest.mark.parametrize("step", [6, 7, 8])
def test_a_killed_apply_is_settled(tomorrow: Tomorrow, step: int) -> None:
    call = {
        6: ("State.write_journal", "1"),
        7: ("EcrRegistry.put", "1"),
        8: ("EcrRegistry.read", "2"),
    }
    assert tomorrow("plan", "--out", "plan.json").returncode == 0
    cli = tomorrow.project.cli
    at_ecr = replace(cli, environment={**cli.environment, "AWS_ENDPOINT_URL": tomorrow.url})
    at_ecr.with_fault("kill", *call[step], "apply", "plan.json", *REASON)
    assert "us-west-2.journal.json" in tomorrow.project.documents()
    settled = tomorrow("recover", *WAIT)
    assert settled.returncode == 0, settled.stderr
    assert ("nothing had been written" in settled.stdout) == (step == 6)
    if step == 6:
        assert tomorrow("apply", "plan.json", *REASON).returncode == 0
    tomorrow.project.assert_settled(AFTER, 1)


def test_recovery_tells_a_conflict_with_it(local: Project, tomorrow: Tomorrow) -> None:
    local.account.put(THEIRS)
    local.cli.ok("plan", "--out", "plan.json")
    local.cli.with_fault("kill", "State.write_journal", "1", "apply", "plan.json")
    local.account.put(TOMORROW)
    message = tomorrow.fails(1, "recover", *WAIT)
    assert "ECR holds something else by now" in message
    assert "From what was planned to what is there now: the live policy is one that" in message
    (saved,) = local.cli.folder.glob("planner-conflict-*-live*.json")
    assert "Grade" in saved.read_text()


@pytest.mark.parametrize(
    ("settings", "desired", "code"),
    [
        ('unknown = "allow"', AFTER, 5),
        ('removes-deny = "refuse"', AFTER, 5),
        ("", document(statement(Principal="*")), 5),
        ('public = "allow"', document(statement(Principal="*")), 0),
    ],
)
def test_no_setting_makes_it_pass_as_less(
    tomorrow: Tomorrow, settings: str, desired: str, code: int
) -> None:
    """`unknown` asks at least; what a check refuses it refuses where it cannot be told, too."""
    cli = tomorrow.project.cli
    cli.write("planner.toml", f"[guard]\n{settings}\n")
    cli.write("registry_policy.json", desired)
    reason = () if "unknown" in settings else REASON
    result = tomorrow("apply", "--auto-approve", *reason)
    assert result.returncode == code, result.stderr
    assert (REASONLESS in result.stderr) == ("unknown" in settings)
    assert ("removes-deny" in result.stderr) == ("removes-deny" in settings)


def test_what_asks_about_the_policy_keeps_its_error(tomorrow: Tomorrow) -> None:
    for words in (("access", "--live"), ("can", "--live", "111122223333", "pull", "a")):
        message = tomorrow.fails(6, *words)
        assert message.startswith("Error: the live policy is not a valid policy: 1 problem.")
        assert 'no element "Grade"' in message
    saved = tomorrow.project.cli.write("live.json", TOMORROW.replace("Sid", "Grade"))
    assert "planner cannot read live.json" in tomorrow.fails(1, "plan", "--live", str(saved.name))


def test_assertions_hold_of_the_policy_after(cli: Cli, tomorrow: Tomorrow) -> None:
    cli.write(
        "planner.toml",
        '[[assert]]\nprincipal = "222233334444"\naction = "replicate"\nrepository = "*"\n'
        'may = true\nreason = "They replicate."\n',
    )
    (asserted,) = _plan(tomorrow)["assertions"]
    told = [asserted[name] for name in ("result", "before", "change")]
    assert told == ["holds", "undecided", None]


def test_it_is_no_hindrance_to_going_back(tomorrow: Tomorrow) -> None:
    project = tomorrow.project
    assert tomorrow("apply", "plan.json", *REASON).returncode == 3
    assert tomorrow("apply", "--auto-approve", *REASON).returncode == 0
    project.cli.write("registry_policy.json", THEIRS)
    assert tomorrow("apply", "--auto-approve").returncode == 0
    project.account.put(TOMORROW)
    shown = tomorrow("rollback", "--out", "back.json")
    assert "(serial 1 had it; whether the live policy does is not known)" in shown.stdout
    assert REASONLESS in tomorrow.fails(5, "apply", "back.json")
    assert tomorrow("apply", "back.json", *REASON).returncode == 0
    assert project.live_is(AFTER)
