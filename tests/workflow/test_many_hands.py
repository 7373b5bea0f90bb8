"""Many owners, a console and crashes on one registry, against a model in simple words."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import hypothesis.strategies as st
from hypothesis import Phase
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from planner.workflow.owning import release, rename
from tests.support.effort import IS_FUZZING
from tests.support.hands import GONE, ROLE, Model, Pair, Wish
from tests.support.shared_world import Made, SharedWorld
from tests.support.steps import KINDS, Steps

OWNERS = [f"team-{letter}" for letter in "abcdefghijkl"]
SIDS = ["A", "B", "C", "D", "E", None, None]
BODIES = ["111122223330", "111122223331", "111122223332", ROLE]

pairs: st.SearchStrategy[Pair] = st.tuples(st.sampled_from(SIDS), st.sampled_from(BODIES))
files = st.lists(pairs, min_size=1, max_size=3, unique_by=lambda each: each[0] or each).map(
    frozenset
)
owners = st.sampled_from(OWNERS[:3]) | st.sampled_from(OWNERS)
crashes = st.builds(Steps, st.integers(4, 27), st.sampled_from(KINDS))

ends_early = st.builds(Steps, st.integers(1, 12), st.sampled_from(KINDS))


class ManyHands(RuleBasedStateMachine):
    """Nothing of anybody is lost, nothing comes back, and every edit is shown once."""

    def __init__(self) -> None:
        super().__init__()
        self.world = SharedWorld()
        self.files: dict[str, frozenset[Pair]] = {}
        self.saved: list[Made] = []

    @property
    def model(self) -> Model:
        return self.world.model

    @initialize(live=st.frozensets(pairs, max_size=4) | files, is_whole=st.booleans())
    def begin(self, live: frozenset[Pair], is_whole: bool) -> None:
        """A registry that nobody has recorded, or one that a project has had for itself."""
        sids = [sid for sid, _ in live if sid]
        if is_whole and live and len(sids) == len(set(sids)):
            self.world.own_whole(live)
        else:
            self.world.edit(Counter(live))

    def files_of(self, owner: str) -> frozenset[Pair]:
        return self.files.get(owner, frozenset())

    def without(self, owner: str, pair: Pair) -> frozenset[Pair]:
        return frozenset(
            each
            for each in self.files_of(owner)
            if each != pair and (each[0] is None or each[0] != pair[0])
        )

    def write(self, owner: str, pair: Pair) -> None:
        """An owner adds a statement to its files, or changes the one that has the Sid."""
        self.files[owner] = self.without(owner, pair) | {pair}

    @rule(owner=owners, takes=st.booleans(), pair=pairs)
    def add_or_change(self, owner: str, takes: bool, pair: Pair) -> None:
        self.write(owner, pair)
        self.apply(owner, takes=takes)

    @precondition(lambda self: any(self.files.values()))
    @rule(data=st.data())
    def leave_out(self, data: st.DataObject) -> None:
        owner = data.draw(st.sampled_from(sorted(each for each in self.files if self.files[each])))
        pair = data.draw(st.sampled_from(sorted(self.files[owner], key=repr)))
        self.files[owner] -= {pair}
        self.apply(owner, takes=False)

    @rule(owner=owners, takes=st.booleans())
    def apply_as_it_is(self, owner: str, takes: bool) -> None:
        self.apply(owner, takes=takes)

    def apply(self, owner: str, *, takes: bool) -> None:
        wish = self.wish(owner, takes=takes)
        made = self.world.make(wish)
        if made and self.world.apply(made) in ("written", "already", "nothing"):
            again = self.world.make(Wish(owner, wish.wanted))
            assert again is not None
            assert not again.plan.has_changes
            assert not again.plan.state_behind

    @rule(owner=owners, takes=st.booleans(), pair=pairs, steps=crashes)
    def crash(self, owner: str, takes: bool, pair: Pair, steps: Steps) -> None:
        self.write(owner, pair)
        if made := self.world.make(self.wish(owner, takes=takes)):
            self.world.apply(made, Steps(steps.nth, steps.kind))

    def wish(self, owner: str, *, takes: bool) -> Wish:
        wish = Wish(owner, self.files_of(owner))
        if takes and self.model.is_exclusive:
            return replace(wish, take_all=True)
        return replace(wish, take=self.model.in_the_way(wish)) if takes else wish

    @rule(owner=owners, takes=st.booleans(), pair=pairs)
    def save_a_plan(self, owner: str, takes: bool, pair: Pair) -> None:
        self.write(owner, pair)
        if made := self.world.make(self.wish(owner, takes=takes)):
            self.saved.append(made)

    @precondition(lambda self: self.saved)
    @rule(data=st.data())
    def apply_a_saved_plan(self, data: st.DataObject) -> None:
        made = self.saved.pop(data.draw(st.integers(0, len(self.saved) - 1)))
        self.world.apply(made)

    @precondition(lambda self: self.model.owners)
    @rule(data=st.data())
    def destroy(self, data: st.DataObject) -> None:
        owner = data.draw(st.sampled_from(sorted(self.model.owners)))
        self.files[owner] = frozenset()
        if made := self.world.make(Wish(owner, frozenset())):
            self.world.apply(made)

    @rule(pair=pairs | st.just((None, GONE)))
    def add_in_the_console(self, pair: Pair) -> None:
        if pair not in self.model.live:
            self.world.edit(self.model.live + Counter([pair]))

    @precondition(lambda self: self.model.live)
    @rule(data=st.data(), pair=st.none() | pairs)
    def edit_in_the_console(self, data: st.DataObject, pair: Pair | None) -> None:
        """A statement of anybody goes, or becomes another, its Sid as well perhaps."""
        live = Counter(self.model.live)
        gone = data.draw(st.sampled_from(sorted(live, key=repr)))
        del live[gone]
        if pair is not None:
            live[pair if data.draw(st.booleans()) else (gone[0], pair[1])] = 1
        self.world.edit(live)

    @precondition(lambda self: self.world.pending)
    @rule(
        steps=st.builds(Steps, st.integers(1, 12), st.sampled_from(KINDS)), discards=st.booleans()
    )
    def recover(self, steps: Steps, discards: bool) -> None:
        self.world.recover(Steps(steps.nth, steps.kind))
        if discards:
            self.world.discard()

    @precondition(lambda self: self.model.owners)
    @rule(data=st.data())
    def release_an_owner(self, data: st.DataObject) -> None:
        self.world.clear()
        if not self.model.owners:
            return
        owner = data.draw(st.sampled_from(sorted(self.model.owners)))
        left = {name: own for name, own in self.model.owners.items() if name != owner}
        self.world.transfer(lambda found: release(found, owner), left)

    @precondition(lambda self: self.model.owners)
    @rule(data=st.data())
    def release_a_sid(self, data: st.DataObject) -> None:
        self.world.clear()
        sids = sorted({sid for own in self.model.owners.values() for sid, _ in own if sid})
        if not sids:
            return
        sid = data.draw(st.sampled_from(sids))
        left = {
            name: frozenset(each for each in own if each[0] != sid)
            for name, own in self.model.owners.items()
        }
        had = {name for name, own in self.model.owners.items() if own != left[name]}
        left = {name: own for name, own in left.items() if own or name not in had}
        self.world.transfer(lambda found: release(found, f'statement["{sid}"]'), left)

    @precondition(lambda self: self.model.owners)
    @rule(data=st.data(), new=owners)
    def rename_an_owner(self, data: st.DataObject, new: str) -> None:
        self.world.clear()
        if new in self.model.owners or not self.model.owners:
            return
        old = data.draw(st.sampled_from(sorted(self.model.owners)))
        named = {new if name == old else name: own for name, own in self.model.owners.items()}
        self.world.transfer(lambda found: rename(found, old, new), named)
        self.files[new] = self.files_of(old)

    @rule(wanted=files, is_meant=st.integers(0, 9))
    def own_whole(self, wanted: frozenset[Pair], is_meant: int) -> None:
        if is_meant == 0:
            self.world.clear()
            self.world.own_whole(wanted)

    @rule()
    def delete_the_role(self) -> None:
        """ECR then shows the id of the role where its ARN was."""
        live = self.model.live
        if not any((sid, GONE) in live for sid, body in live if body == ROLE):
            new = {(sid, GONE if body == ROLE else body): 1 for sid, body in live}
            self.world.edit(Counter(new))

    def teardown(self) -> None:
        if self.world.serial == self.model.serial:  # else it has failed already, and says where
            self.world.check_history()


TestManyHands = ManyHands.TestCase
TestManyHands.settings = hypothesis_settings(
    max_examples=200 if IS_FUZZING else 10,
    stateful_step_count=50,
    phases=[Phase.generate],  # to look for a shorter story takes longer than to read this one
)
