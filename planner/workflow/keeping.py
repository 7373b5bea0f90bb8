"""Bringing what is live into the policy files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from planner.config.settings import Settings
from planner.config.target import built_in_values
from planner.diff.changes import Change, Create, Delete, heads_of
from planner.errors import PlannerError
from planner.policy.address import statement_name
from planner.policy.canonical import canonical_statement, canonicalise
from planner.policy.document import Policy, Statement
from planner.policy.parse import ParsedPolicy, invalid_policy
from planner.policy.revision import Revision, revise
from planner.records.drift import Drift
from planner.registry import Registry
from planner.text import clean
from planner.workflow.planning import Inputs
from planner.workflow.reading import PolicyFile, fill

_BY_HAND = "Settle it in the file by hand; `planner plan` shows what is left."


def bring_in(drift: Drift, inputs: Inputs) -> tuple[PolicyFile, ...]:
    """The policy files with what changed outside; those that have all of that as they are.

    What was added is added to the first; where several share the registry only this project's
    own statements are brought in. Raises PlannerError where a file has changed as well,
    and where it cannot be told how the files are to say it.
    """
    settings, registry = inputs.settings, drift.registry
    written = read_files(inputs.files, settings, registry).policy
    statements = [canonical_statement(each, registry.partition) for each in written.statements]
    revision = _revision(statements, drift.own_changes, settings.policy_name)
    revised = revise_files(inputs.files, settings, registry, revision)
    found = canonicalise(read_files(revised, settings, registry).policy, registry.partition)
    _check_heads(drift, canonicalise(written, registry.partition), found, settings.policy_name)
    return revised


def read_files(files: Sequence[PolicyFile], settings: Settings, registry: Registry) -> ParsedPolicy:
    """The policy of all the files, filled for a registry. Raises InvalidPolicyError."""
    placeholders = settings.placeholders(built_in_values(registry))
    parsed, _ = fill([each.tree for each in files], placeholders, settings.folder)
    if not isinstance(parsed, ParsedPolicy):
        raise invalid_policy(settings.policy_name, parsed)
    return parsed


def revise_files(
    files: Sequence[PolicyFile],
    settings: Settings,
    registry: Registry,
    revision: Revision,
    into: int = 0,
) -> tuple[PolicyFile, ...]:
    """The policy files after a revision of the policy that they are together.

    What is added goes into the file of the place `into`. Raises PlannerError where a file cannot
    be made to say it.
    """
    written = read_files(files, settings, registry)
    placeholders = settings.placeholders(built_in_values(registry))
    revised = []
    for number, file in enumerate(files):
        here = {
            at: each.index for at, each in enumerate(written.places) if each and each.file == number
        }
        own = Revision(
            {here[at]: each for at, each in revision.replaced.items() if at in here},
            frozenset(here[at] for at in revision.removed if at in here),
            revision.added if number == into else (),
        )
        data = revise(file.data, file.name, own, placeholders) if own else file.data
        revised.append(replace(file, data=data))
    partition = registry.partition
    statements = [canonical_statement(each, partition) for each in written.policy.statements]
    found = canonicalise(read_files(revised, settings, registry).policy, partition)
    if found.statements != _expected(written.policy, statements, revision, partition).statements:
        raise PlannerError(
            f"{settings.policy_name} cannot be made to say what ECR holds.",
            "What planner would write does not mean the same, and the files are as they were.",
            _BY_HAND,
        )
    return tuple(revised)


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
