"""The plan: a change of one registry's policy, and all that its review is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from planner.access.api import Comparison, compare
from planner.access.comparison import Undecided
from planner.diff.authors import Authors
from planner.diff.causes import Causes
from planner.diff.changes import Change, Create, Delete, diff, heads_of, statements_of
from planner.diff.drift import Resolution, resolutions, without
from planner.diff.patch import Patch, make_patch
from planner.guard.assertion import Assertion
from planner.guard.assertion_checks import Judged, PolicyUnderTest, judge
from planner.guard.checks import Crossing, Stop, Undone, stops, with_between
from planner.guard.settings import Guard
from planner.lint.annotation import Annotation
from planner.lint.finding import Finding
from planner.ownership.claims import Holders, holders_of
from planner.ownership.owned import Owned
from planner.ownership.settle import Held, Settlement, Share, claims, owners_after, settle
from planner.plans.address import Names
from planner.plans.plan_id import plan_id
from planner.plans.source import ComparedWith, Source, StateRef
from planner.policy.canonical import digest
from planner.policy.document import Policy, Statement, serialize
from planner.policy.opaque import AnyPolicy, OpaquePolicy, readable
from planner.registry import Registry, ScopeChange


@dataclass(frozen=True)
class Plan:
    """A change of one registry's policy from `before` to `after`, both canonical.

    None for a policy means that there is none. A live policy that cannot be read is `before` as
    an opaque text: then every statement after is created, and access is unknown.

    `recorded` is what the state held; it explains
    the causes and is empty where `state.serial` is 0. `live` says where `before` was read: a
    plan against a file can be reviewed and not applied. `endpoint` is the address that was
    called where it is not AWS's.

    `findings` are those of the file that do not stop a plan. `guard` has the limits that were
    set when it was made, `accounts` the names of accounts for its readers. `origins` tells
    where account and Region came from, for what neither a flag nor the settings name.
    `annotations` are what the settings say of its statements, by their Sids.
    `assertions` say what must hold of the policy after. `authors` tell of each entry of the view's
    drift who made it, None where nobody was asked: they are shown, and nothing follows from them.

    `share` is the owner's part where several share the registry, None for a policy that is owned
    whole; `owners` are those that the state has recorded. Then `recorded` is what would be live
    if nobody had touched what is owned, and `after` holds what the owner asks for and all that
    is somebody else's.
    """

    registry: Registry
    source: Source
    state: StateRef
    live: ComparedWith
    recorded: Policy | None
    before: AnyPolicy
    after: Policy | None
    created_at: str
    tool: str
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    guard: Guard = field(default_factory=Guard)
    accounts: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    endpoint: str | None = None
    scope: ScopeChange = field(default_factory=ScopeChange)
    assertions: tuple[Assertion, ...] = ()
    annotations: Mapping[str, Annotation] = field(default_factory=dict)
    authors: tuple[Authors, ...] | None = None
    share: Share | None = None
    owners: Mapping[str, Owned] = field(default_factory=dict)

    @property
    def owner(self) -> str | None:
        """The owner that it is a plan of; None for a policy that is owned whole."""
        return self.share.owner if self.share else None

    @cached_property
    def _held(self) -> Mapping[str, Owned]:
        """Who holds what before it."""
        if self.share is None:
            return self.owners
        return claims(self.share, self.recorded, self.owners, exclusive=self.state.exclusive)

    @cached_property
    def settled(self) -> Settlement | None:
        """What becomes of each live statement; None for a policy that is owned whole."""
        if self.share is None:
            return None
        return settle(self.known_before, self._held, self.share)

    @cached_property
    def taken(self) -> tuple[Held, ...]:
        """What is taken over from somebody; without an owner all that is owned."""
        if self.settled is not None:
            return self.settled.taken
        # What cannot be read is judged by what the owners have recorded.
        held = holders_of(self.recorded if self.opaque else self.known_before, self.owners)
        return tuple(Held(each, by) for each, by in held.items() if by)

    @cached_property
    def owners_after(self) -> dict[str, Owned] | None:
        """Who holds what once it is recorded; None for a policy that is owned whole."""
        if self.share is None or self.settled is None:
            return None
        return owners_after(self.owners, self.share, self.settled)

    @property
    def opaque(self) -> OpaquePolicy | None:
        """The live policy where it cannot be read."""
        return self.before if isinstance(self.before, OpaquePolicy) else None

    @property
    def known_before(self) -> Policy | None:
        """The policy before as far as it can be read: None for an opaque one, too."""
        return readable(self.before)

    @cached_property
    def id(self) -> str:
        """The approval token: the same change of the same registry has the same id."""
        besides = self._own
        if self.scope.is_raised:
            besides = (*besides, {"scope": self.scope.to_json()})
        return plan_id(self.registry, self.owner, self.before, self.after, besides)

    @property
    def _own(self) -> tuple[object, ...]:
        """What an owner's plan changes besides the policy: whose its statements are."""
        taken = [[serialize(Policy((each.statement,))), *sorted(each.by)] for each in self.taken]
        if self.share is None or self.settled is None:
            return tuple(taken)
        own, wanted = map(Policy, (self.settled.own, self.share.statements))
        partition = self.registry.partition
        return digest(own, partition), digest(wanted, partition), *taken

    @cached_property
    def has_changes(self) -> bool:
        """Whether apply would write to ECR: a policy, or the scope that it is held against."""
        return self.before != self.after or self.scope.is_raised

    @cached_property
    def state_behind(self) -> bool:
        """Whether the state has something to record: another policy, or of an owner its own."""
        if self.share is None:
            return self.recorded != self.before or not self.state.exclusive
        was_exclusive = self.state.exclusive and self.state.serial > 0
        return was_exclusive or self.owners_after != self.owners

    @cached_property
    def is_refused(self) -> bool:
        """Whether the guard that it was made under refuses it, or one of its assertions."""
        return self.is_refused_by_guard or any(each.result != "holds" for each in self.judged)

    @cached_property
    def is_refused_by_guard(self) -> bool:
        """Whether the guard that it was made under refuses it."""
        return any(stop.answer == "refuse" for stop in self.own_stops)

    @cached_property
    def names(self) -> Names:
        """What the statements of its documents are called."""
        return Names(self.after, self.source.places, self.source.labels)

    def name_before(self, statement: Statement) -> str:
        """What a statement is called that is live, or that an owner has recorded."""
        return self.names.of_one(statement, self.known_before)

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """What happens to single statements."""
        return diff(self.known_before, self.after)

    @cached_property
    def causes(self) -> Causes:
        """Why each of the changes is there; of what replaces an opaque text, the file is why."""
        recorded = None if self.opaque else self.recorded
        return Causes(recorded, self.known_before, self.after)

    @cached_property
    def drift(self) -> tuple[Change, ...]:
        """What happened to the live policy since the state was recorded, if it can be read."""
        if self.opaque or not self.state.serial:
            return ()
        changes = diff(self.recorded, self.known_before)
        return tuple(sorted(changes, key=lambda each: not self.is_own(each)))

    def drift_owners(self, change: Change) -> frozenset[str]:
        """Who owns the statement that somebody changed outside planner, before or by now."""
        found: Holders = frozenset()
        if not isinstance(change, Create):
            found |= self._held_then[change.before]
        if not isinstance(change, Delete):
            found |= self._held_now[change.after]
        return found

    @cached_property
    def _held_then(self) -> dict[Statement, Holders]:
        """Who holds each recorded statement."""
        return holders_of(self.recorded, self._held)

    @cached_property
    def _held_now(self) -> dict[Statement, Holders]:
        """Who holds each live statement."""
        return holders_of(self.known_before, self._held)

    def is_own(self, change: Change) -> bool:
        """Whether a change that was made outside planner is of what the plan is about."""
        return self.share is None or self.owner in self.drift_owners(change)

    @cached_property
    def heads_drifted(self) -> bool:
        """Whether the version or the id of the live policy changed since then."""
        recorded, live = self.recorded, self.known_before
        return None not in (recorded, live) and heads_of(recorded) != heads_of(live)

    @cached_property
    def resolutions(self) -> tuple[Resolution, ...]:
        """What it does to each of them."""
        found = resolutions(self.drift, self.known_before, self.after)
        pairs = zip(self.drift, found, strict=True)
        return tuple(each if self.is_own(change) else "keep" for change, each in pairs)

    @cached_property
    def _undone(self) -> Undone | None:
        """What it takes back of them, None where it takes nothing back."""
        live, recorded = self.known_before, self.recorded
        pairs = zip(self.drift, self.resolutions, strict=True)
        changes = [each for each, resolution in pairs if resolution not in ("agree", "keep")]
        old, new = self.names.of(recorded), self.names.of(live)
        names = [(old if isinstance(each, Delete) else new)[each.index] for each in changes]
        heads = live
        if self.heads_drifted and heads_of(live) != heads_of(self.after):
            heads, names = recorded, [*names, "policy"]
        if not names:
            return None
        back, scope = without(live, changes, heads or recorded), self.scope.after
        return Undone(tuple(names), compare(live, back, self.registry, scope, scope))

    @cached_property
    def access(self) -> Comparison:
        """Who gains and who loses access, each row with a request as its proof."""
        if self.opaque:
            return Comparison(unknown=(self._not_read(self.opaque),))
        before, scope = self.known_before, self.scope
        return compare(before, self.after, self.registry, scope.before, scope.after)

    @staticmethod
    def _not_read(opaque: OpaquePolicy) -> Undecided:
        reason = f"planner cannot read the live policy: {opaque.reason}"
        return Undecided(reason, may_be_public=True)

    def stops(self, guard: Guard, caller: str | None = None) -> tuple[Stop, ...]:
        """Where the plan crosses the limits of a guard; `caller` is the ARN of who applies.

        Where the scope is raised the policy before is in force under V2, too, until the one after
        is written.
        """
        found = stops(guard, replace(self._crossing, caller=caller))
        between = self._between
        if between is None:
            return found
        return with_between(found, stops(guard, replace(between, caller=caller)))

    @cached_property
    def own_stops(self) -> tuple[Stop, ...]:
        """Where it crosses the limits that it was made under."""
        return self.stops(self.guard)

    @cached_property
    def judged(self) -> tuple[Judged, ...]:
        """Whether each of its assertions holds of the policy after."""
        return self.judge(self.assertions)

    @cached_property
    def judged_before(self) -> tuple[Judged, ...]:
        """Whether each of them holds of the policy before."""
        if not self.has_changes:
            return self.judged
        if self.opaque:
            reason = self._not_read(self.opaque).reason
            return tuple(Judged(each, "undecided", reason=reason) for each in self.assertions)
        names = self.names.of(self.known_before)
        tested = PolicyUnderTest(self.known_before, self.registry, self.scope.before, names)
        return tuple(judge(each, tested) for each in self.assertions)

    def judge(self, assertions: Iterable[Assertion]) -> tuple[Judged, ...]:
        """Whether each of the assertions holds of the policy after."""
        names = self.names.of(self.after)
        tested = PolicyUnderTest(self.after, self.registry, self.scope.after, names)
        return tuple(judge(each, tested) for each in assertions)

    @cached_property
    def _crossing(self) -> Crossing:
        return Crossing(
            self.registry,
            self.known_before,
            self.after,
            self.changes,
            self.access,
            self.names.of(self.known_before),
            self.names.of(self.after),
            self.scope,
            is_opaque=self.opaque is not None,
            taken=self._taken_over,
            others=self._others,
            undone=self._undone,
        )

    @property
    def _taken_over(self) -> tuple[tuple[str, str], ...]:
        """The names of what is taken over from somebody, and of whom."""
        taken = ((self.name_before(each.statement), sorted(each.by)) for each in self.taken)
        return tuple((name, " and ".join(by)) for name, by in taken if by)

    @property
    def _others(self) -> frozenset[int]:
        """The places in the policy before of what stays because somebody else owns it."""
        kept = self.settled.kept if self.settled else ()
        others = {each.statement for each in kept if each.by - {self.owner or ""}}
        before = statements_of(self.known_before)
        return frozenset(index for index, each in enumerate(before) if each in others)

    @property
    def access_between(self) -> Comparison | None:
        """Who gains and who loses access until the policy after is written.

        None where the scope is not raised, and where no policy stands before another is written.
        """
        return self._between.access if self._between else None

    @cached_property
    def _between(self) -> Crossing | None:
        """The raise of the scope alone; None where no policy stands before another is written."""
        before = self.known_before
        if not self.scope.is_raised or before is None or before == self.after:
            return None
        access = compare(before, before, self.registry, self.scope.before, self.scope.after)
        names = self.names.of(before)
        registry, scope = self.registry, self.scope
        return Crossing(registry, before, before, (), access, names, names, scope)

    @cached_property
    def patch(self) -> Patch:
        """The RFC 6902 patch from the JSON of `before` to that of `after`."""
        return make_patch(self.before, self.after)

    @cached_property
    def after_text(self) -> str | None:
        """The exact text to send; None where the policy is deleted."""
        return None if self.after is None else serialize(self.after)
