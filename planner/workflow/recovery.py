"""Settling an apply that never ended: the journal says what was meant, ECR what stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from planner.errors import ConflictError, PlannerError
from planner.plans.address import Names
from planner.plans.plan_id import SHORT_ID
from planner.policy.document import serialize
from planner.policy.opaque import AnyPolicy
from planner.records.journal import Journal
from planner.registry import RAISED, Registry
from planner.workflow.context import ApplyContext
from planner.workflow.live import STAYS_RAISED, moved, read_live


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
    if live == journal.next.policy and (journal.policy or _is_raised(run, registry)):
        # The policy is sent after the scope was read back: where it stands, both are done.
        outcome = "recorded"
        _record(run, journal)
    elif live == (journal.policy.before if journal.policy else journal.next.policy):
        run.report(_nothing_written(run, journal))
    else:
        raise _conflict(run, journal, live_text, live)
    run.state.clear_journal(registry, stored.token)
    return Recovery(registry, outcome, journal.plan_id)


def _is_raised(run: ApplyContext, registry: Registry) -> bool:
    """Whether the scope is V2. Raises PlannerError where it cannot be read."""
    try:
        return run.api.read_scope() == RAISED.after
    except PlannerError as error:
        error.detail = f"The journal of {registry} says that it was to be raised. {error.detail}"
        raise


def _nothing_written(run: ApplyContext, journal: Journal) -> str:
    """That the policy is as before, and what became of the scope that it was to follow."""
    if journal.raises_scope and journal.policy:
        scope = run.api.scope()
        if scope == RAISED.after:
            return (
                "Recovered: the registry policy scope was raised to V2 and stays so, since planner "
                "never lowers it. The policy had not been written: ECR holds what it held before."
            )
        if scope is None:
            return (
                "Recovered: ECR holds the policy that it held before. Whether the registry policy "
                "scope was raised to V2 cannot be read: that takes ecr:GetAccountSetting."
            )
    return "Recovered: ECR holds what it held before; nothing had been written."


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
    registry, write = journal.registry, journal.policy
    after = journal.next.policy
    before = write.before if write else after
    was_live = write.live_text if write else after and serialize(after)
    name = f"planner-conflict-{registry.account_id}-{registry.region}"
    places = [
        run.save(f"{name}-before.json", was_live or ""),
        run.save(f"{name}-live.json", live_text or ""),
    ]
    names = Names(after)
    is_raised = journal.raises_scope and run.api.scope() == RAISED.after
    return ConflictError(
        f"An apply of plan {journal.plan_id[:SHORT_ID]} has not ended, and ECR holds something "
        "else by now.",
        f"{journal.describe()}\n{STAYS_RAISED}" if is_raised else journal.describe(),
        "Find out who wrote it. `planner recover --discard` then drops the journal and leaves\n"
        "ECR and the state as they are; `planner plan` shows what follows.",
        [
            moved(registry, each, live, names, f"From what {was} to what is there now:")
            for was, each in (("was there before", before), ("was planned", after))
        ],
        places,
    )
