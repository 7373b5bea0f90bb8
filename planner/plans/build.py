"""Making a plan: three documents and what is known in, one value out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from planner import TOOL
from planner.diff.changes import statements_of
from planner.diff.patch import document_of
from planner.errors import OwnerError, UsageError
from planner.guard.assertion import Assertion
from planner.guard.settings import Guard
from planner.lint.annotation import Annotation
from planner.lint.finding import Finding
from planner.ownership.claims import baseline
from planner.ownership.conflicts import settled_policy, unused_takes
from planner.ownership.owned import Owned
from planner.ownership.settle import Share, claims, settle
from planner.plans.address import places_of
from planner.plans.plan import Plan
from planner.plans.source import ComparedWith, Source, StateRef
from planner.policy.address import StatementPlace
from planner.policy.canonical import CURRENT_VERSION, canonicalise
from planner.policy.document import Policy
from planner.policy.opaque import AnyPolicy, OpaquePolicy, canonical, readable
from planner.policy.placeholders import Value
from planner.registry import Registry, ScopeChange


@dataclass(frozen=True, slots=True)
class Desired:
    """What is asked for, as parsed; None for no policy, which `--destroy` asks for.

    `findings` are what a reader of the plan should know about the files, `places` where each
    statement of the policy stands in those of the source; empty for no file.
    """

    policy: Policy | None
    source: Source
    findings: tuple[Finding, ...] = ()
    places: tuple[StatementPlace | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What a plan tells besides its three documents; the members mean what they do there."""

    registry: Registry
    live: ComparedWith
    now: str
    state: StateRef = field(default_factory=StateRef)
    guard: Guard = field(default_factory=Guard)
    accounts: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    endpoint: str | None = None
    scope: ScopeChange = field(default_factory=ScopeChange)
    assertions: tuple[Assertion, ...] = ()
    annotations: Mapping[str, Annotation] = field(default_factory=dict)
    share: Share | None = None
    owners: Mapping[str, Owned] = field(default_factory=dict)


_NOT_RECORDED = (
    "Nothing is recorded of who owns what: live statements that have a Sid of the files count as "
    "{owner}'s, all others as somebody else's."
)


def build_plan(desired: Desired, live: AnyPolicy, recorded: Policy | None, known: Known) -> Plan:
    """The plan that leads from the `live` policy, as parsed, to what is desired.

    `recorded` is what the state holds, canonical. Where the registry is shared, what is desired
    is the owner's part of the policy: raises OwnerError where somebody else's is in the way.
    """
    partition = known.registry.partition
    before = canonical(live, partition)
    after = desired.policy and canonicalise(desired.policy, partition)
    notes: list[str] = []
    owners = held = known.owners
    share = known.share and replace(known.share, wanted=after)
    if share is not None:
        if known.live == "file" and not known.state.serial:
            owners = {share.owner: _taken_for_own(readable(before), share)}
            notes.append(_NOT_RECORDED.format(owner=share.owner))
        held = claims(share, recorded, owners, exclusive=known.state.exclusive)
        after = _whole(before, held, share, desired.source)
    recorded = baseline(recorded, held) if known.state.serial else None
    if before != after:
        notes += _notes(readable(live), readable(before), desired, after)
    return Plan(
        registry=known.registry,
        source=_source(desired, after, partition),
        state=known.state,
        live=known.live,
        recorded=recorded,
        before=before,
        after=after,
        created_at=known.now,
        tool=TOOL,
        notes=tuple(notes),
        findings=desired.findings,
        guard=known.guard,
        accounts=known.accounts,
        origins=known.origins,
        endpoint=known.endpoint,
        scope=known.scope,
        assertions=known.assertions,
        annotations=_of_statements(known.annotations, readable(before), after),
        share=share,
        owners=owners,
    )


def _whole(
    before: AnyPolicy, owners: Mapping[str, Owned], share: Share, source: Source
) -> Policy | None:
    """The policy after, of what the owner asks for and of all that is somebody else's."""
    if isinstance(before, OpaquePolicy):
        raise OwnerError(
            "The live policy is one that this planner cannot read, and it is shared.",
            f"{before.reason}. What others have in it cannot be told from what is {share.owner}'s.",
            "Use a newer planner, or mend the policy in the ECR console.",
        )
    settled = settle(before, owners, share)
    is_back = source.kind == "rollback"
    after = settled_policy(before, settled, share, None if is_back else source.name)
    if unused := unused_takes(settled, share):
        raise UsageError(
            f"--take {unused[0]} has nothing to take.",
            f"Nobody else has a statement of this Sid that {source.name} asks for.",
            "Leave it out.",
        )
    return after


def _taken_for_own(live: Policy | None, share: Share) -> Owned:
    """What the owner seems to have where no state was read: what has one of its Sids."""
    return Owned(tuple(each for each in statements_of(live) if each.sid in share.sids))


def _source(desired: Desired, after: Policy | None, partition: str) -> Source:
    """The source with the places of its statements, and with no value that nobody is shown."""
    source = desired.source
    shown = [*_texts(document_of(after))]
    values = {
        name: value if value and all(_is_in(each, shown) for each in _each(value)) else None
        for name, value in source.vars.items()
    }
    places: tuple[StatementPlace | None, ...] = ()
    if desired.policy and desired.places:
        places = places_of(desired.policy, desired.places, after, partition)
    return replace(source, places=places, vars=values)


def _of_statements(
    annotations: Mapping[str, Annotation], *policies: Policy | None
) -> dict[str, Annotation]:
    """What is said of the statements of the policies."""
    sids = {each.sid for policy in policies for each in statements_of(policy)}
    return {sid: each for sid, each in annotations.items() if sid in sids}


def _each(value: Value) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _is_in(value: str, texts: Iterable[str]) -> bool:
    return value != "" and any(value in text for text in texts)


def _texts(value: object) -> Iterator[str]:
    """All strings of a JSON document, names of members included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from _texts(each)


def _notes(
    live: Policy | None, before: Policy | None, desired: Desired, after: Policy | None
) -> list[str]:
    file = "The policy file" if len(desired.source.files) < 2 else "The policy in the files"  # noqa: PLR2004
    notes = [
        f"{whose} has {f'Version {policy.version}' if policy.version else 'no Version'}; it is "
        f"written with Version {CURRENT_VERSION}, which means the same without policy variables."
        for whose, policy, canonical in (
            ("The live policy", live, before),
            (file, desired.policy, after),
        )
        if policy and after and canonical and canonical.version == CURRENT_VERSION != policy.version
    ]
    notes += [
        f"{principal} is the id of a deleted user or role. ECR may refuse it, and "
        "it never means a new one of the same name."
        for principal in _deleted(after)
    ]
    notes += [
        f"{principal} is what AWS left of a deleted user or role; an ARN in its place "
        "binds the user or role that has the name now."
        for principal in sorted(set(_deleted(before)) - set(_deleted(after)))
    ]
    return notes


def _deleted(policy: Policy | None) -> list[str]:
    return sorted(
        {
            principal.text
            for statement in (policy.statements if policy else ())
            for principal in statement.principal or ()
            if principal.kind == "unique-id"
        }
    )
