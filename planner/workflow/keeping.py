"""Bringing what changed outside planner into the policy file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from planner.config.target import built_in_values
from planner.diff.changes import Change, Create, Delete, heads_of
from planner.errors import PlannerError
from planner.policy.address import statement_name
from planner.policy.canonical import canonical_statement, canonicalise
from planner.policy.document import Policy, Statement
from planner.policy.parse import valid_policy
from planner.policy.revision import Revision, revise
from planner.policy.syntax import read_source
from planner.records.drift import Drift
from planner.text import clean
from planner.workflow.planning import Inputs

_BY_HAND = "Settle it in the file by hand; `planner plan` shows what is left."


def bring_in(drift: Drift, inputs: Inputs) -> bytes:
    """The policy file with what changed outside; the same bytes where it has all of that.

    Raises PlannerError where the file has changed as well, and where it cannot be told how the
    file is to say it.
    """
    name, data = inputs.settings.policy_name, inputs.data or b""
    partition = drift.registry.partition
    placeholders = inputs.settings.placeholders(built_in_values(drift.registry))
    written = valid_policy(placeholders.fill(read_source(data, name)).tree).policy
    statements = [canonical_statement(each, partition) for each in written.statements]
    revision = _revision(statements, drift.changes, name)
    revised = revise(data, name, revision, placeholders) if revision else data
    filled = placeholders.fill(read_source(revised, name)).tree
    found = canonicalise(valid_policy(filled).policy, partition)
    _check_heads(drift, canonicalise(written, partition), found, name)
    if found != _expected(written, statements, revision, partition):
        raise PlannerError(
            f"{name} cannot be made to say what ECR holds.",
            "What planner would write does not mean the same, and the file is as it was.",
            _BY_HAND,
        )
    return revised


def _revision(statements: list[Statement], changes: Sequence[Change], name: str) -> Revision:
    """What the changes make of the statements of the file, which are canonical, in its order."""
    left = dict(enumerate(statements))
    replaced, removed, added = dict[int, Statement](), set[int](), list[Statement]()
    for change in changes:
        before = None if isinstance(change, Create) else change.before
        after = None if isinstance(change, Delete) else change.after
        at = _place(left, before)
        if at is not None:
            del left[at]
            if after is None:
                removed.add(at)
            else:
                replaced[at] = after
        elif (there := _place(left, after)) is not None:
            del left[there]
        elif (namesake := _namesake(left, before, after)) is not None:
            raise _conflict(name, namesake)
        elif before is not None and after is not None:
            raise _conflict(name, after)
        elif after is not None:
            added.append(after)
    return Revision(replaced, frozenset(removed), added)


def _place(left: dict[int, Statement], wanted: Statement | None) -> int | None:
    return next((at for at, each in left.items() if each == wanted), None)


def _namesake(
    left: dict[int, Statement], before: Statement | None, after: Statement | None
) -> Statement | None:
    """The statement of the file that has the Sid of one that changed, and is neither."""
    sids = {each.sid for each in (before, after) if each is not None} - {None}
    return next((each for each in left.values() if each.sid in sids), None)


def _conflict(name: str, statement: Statement) -> PlannerError:
    return PlannerError(
        f"{clean(statement_name(statement, None))} was changed outside planner, and in the file.",
        f"{name} has it neither as the state recorded it nor as ECR holds it.",
        _BY_HAND,
    )


def _check_heads(drift: Drift, written: Policy, revised: Policy, name: str) -> None:
    """Raises PlannerError where the file has another Version or Id than ECR, and not on purpose.

    All are canonical. A statement with a policy variable makes a Version count that did not.
    """
    live = drift.live
    if not isinstance(live, Policy) or heads_of(revised) == heads_of(live):
        return
    if drift.heads_drifted or heads_of(written) == heads_of(drift.recorded):
        raise PlannerError(
            "The Version or the Id of the policy is another in ECR.",
            f'ECR has "Version": "{live.version}" and "Id": "{clean(live.id or "")}".',
            f"Write them into {name} by hand, and run it again.",
        )


def _expected(
    written: Policy, statements: list[Statement], revision: Revision, partition: str
) -> Policy:
    """The policy that the file is to say, canonical."""
    kept = [
        revision.replaced.get(at, each)
        for at, each in enumerate(statements)
        if at not in revision.removed
    ]
    policy = replace(written, statements=(*kept, *revision.added))
    return canonicalise(policy, partition)
