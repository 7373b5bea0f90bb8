"""Settling an apply that never ended: the journal says what was meant, ECR what stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from planner.errors import ConflictError, PlannerError
from planner.plans.address import Names
from planner.plans.plan_id import SHORT_ID
from planner.policy.opaque import AnyPolicy
from planner.records.journal import Journal
from planner.registry import Registry
from planner.workflow.context import ApplyContext
from planner.workflow.live import moved, read_live


@dataclass(frozen=True, slots=True)
class Recovery:
    """What became of the standing journal of a registry.

    `none`: there was none. `recorded`: ECR held what was planned, and the state has it now.
    `discarded`: ECR was as before, nothing had been written; or the user wanted it dropped,
    and `copy` is where it is saved.
    """

    registry: Registry
    outcome: Literal["none", "recorded", "discarded"]
    plan_id: str = ""
    copy: str = ""


def recover(run: ApplyContext, registry: Registry) -> Recovery:
    """Settles the journal of a registry, under its lock.

    Raises PlannerError where ECR holds neither what was before nor what was planned.
    """
    stored = run.state.journal(registry)
    journal = stored.value
    if journal is None:
        return Recovery(registry, "none")
    run.report(journal.describe())
    if _is_recorded(run, journal):
        run.report("Recovered: everything had been done, only the journal was left.")
        run.state.clear_journal(registry, stored.token)
        return Recovery(registry, "recorded", journal.plan_id)
    _check_caller(run, registry)
    live_text, live = read_live(run.api, registry)
    outcome: Literal["recorded", "discarded"] = "discarded"
    if live == journal.write.after:
        outcome = "recorded"
        _record(run, journal)
    elif live == journal.write.before:
        run.report("Recovered: ECR holds what it held before; nothing had been written.")
    else:
        raise _conflict(run, journal, live_text, live)
    run.state.clear_journal(registry, stored.token)
    return Recovery(registry, outcome, journal.plan_id)


def _check_caller(run: ApplyContext, registry: Registry) -> None:
    reached = run.api.caller().registry
    if reached != registry:
        raise PlannerError(
            f"The journal of {registry} cannot be settled.",
            f"The credentials and the Region reach {reached}.",
            f"Use credentials of {registry.account_id}, with --region {registry.region}.",
        )


def _is_recorded(run: ApplyContext, journal: Journal) -> bool:
    """Whether the state holds this very apply: a plan can be applied more than once.

    It is looked for in the history too, as far as that is known.
    """
    sought = journal.next
    for each in run.state.history(journal.registry):
        if isinstance(each, PlannerError) or each.lineage != sought.lineage:
            return False
        if each.serial <= sought.serial:
            return (each.serial, each.current.plan_id) == (sought.serial, journal.plan_id)
    return False


def _record(run: ApplyContext, journal: Journal) -> None:
    stored = run.state.snapshot(journal.registry)
    snapshot = journal.next.following(stored.value)
    run.state.write_snapshot(snapshot, stored.token)
    run.report(
        "Recovered: ECR holds exactly what was planned. "
        f"Recorded in the state: serial {snapshot.serial}."
    )


def _conflict(
    run: ApplyContext, journal: Journal, live_text: str | None, live: AnyPolicy
) -> ConflictError:
    registry, write = journal.registry, journal.write
    name = f"planner-conflict-{registry.account_id}-{registry.region}"
    places = [
        run.save(f"{name}-before.json", write.live_text or ""),
        run.save(f"{name}-live.json", live_text or ""),
    ]
    names = Names(write.after)
    return ConflictError(
        f"An apply of plan {journal.plan_id[:SHORT_ID]} has not ended, and ECR holds something "
        "else by now.",
        journal.describe(),
        "Find out who wrote it. `planner recover --discard` then drops the journal and leaves\n"
        "ECR and the state as they are; `planner plan` shows what follows.",
        [
            moved(registry, each, live, names, f"From what {was} to what is there now:")
            for was, each in (("was there before", write.before), ("was planned", write.after))
        ],
        places,
    )
