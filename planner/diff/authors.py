"""Who made which change outside planner, by the writes of the policy that CloudTrail tells of.

Where an event holds the policy text, what it did to each statement is known. Where it does not,
its time alone says that it may have been the one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from planner.diff.changes import Change, Create, Delete, diff, heads_of
from planner.policy.document import JsonObject, Policy, Statement

Basis = Literal["text", "time"]


@dataclass(frozen=True, slots=True)
class Edit:
    """One write of the policy, as CloudTrail tells it, each text on one line and safe to show.

    `at` is when, as `times.stamp` writes it. `by` is the ARN of who wrote it, `source` the
    address or the AWS service that it came from, `id` CloudTrail's own of the event.
    """

    at: str
    by: str
    source: str
    id: str

    def to_json(self) -> JsonObject:
        """The edit with plain JSON values."""
        return {"at": self.at, "by": self.by, "source": self.source, "id": self.id}


@dataclass(frozen=True, slots=True)
class Step:
    """An edit and the canonical policy that it left, None for none; not known without a text."""

    edit: Edit
    policy: Policy | None
    is_known: bool


@dataclass(frozen=True, slots=True)
class Authors:
    """Who made one change: the edits that did or may have, the oldest first.

    `basis` is `text` where the policies that they left show it, `time` where only their time
    speaks for them, None where there are no edits. `is_missing` tells that CloudTrail does not
    have all that was done to it, or not yet. With neither it was there when the policy was
    recorded last.
    """

    edits: tuple[Edit, ...] = ()
    basis: Basis | None = None
    is_missing: bool = True

    def to_json(self) -> JsonObject:
        """The authors as a view holds them."""
        edits = [each.to_json() for each in self.edits]
        return {"edits": edits, "basis": self.basis, "missing": self.is_missing}


def authors_from(document: JsonObject) -> Authors:
    """The authors that `to_json` gave. Raises KeyError, TypeError or ValueError for others."""
    edits = tuple(
        Edit(*(str(each[name]) for name in ("at", "by", "source", "id")))
        for each in document["edits"]
    )
    basis = document["basis"]
    if (basis in get_args(Basis)) != bool(edits):
        raise ValueError("the basis does not fit the edits")
    return Authors(edits, basis, bool(document["missing"]))


@dataclass(frozen=True, slots=True)
class _Span:
    """Edits between two known policies. One edit alone did all of it, if it `is_certain`."""

    edits: tuple[Edit, ...]
    before: Policy | None
    after: Policy | None
    changes: tuple[Change, ...]
    is_certain: bool


class Authorship:
    """Finds who made the changes from the `recorded` policy to the `live` one, both canonical.

    `steps` are the writes since the record, the oldest first; with `is_complete` there were no
    others before the newest of them. What they did not do is asked of `earlier`: an owner's apply
    records with its own change what others had edited before.
    """

    def __init__(
        self,
        recorded: Policy | None,
        live: Policy | None,
        steps: Sequence[Step],
        *,
        is_complete: bool,
        earlier: Authorship | None = None,
    ) -> None:
        self._earlier = earlier
        left = [at for at, each in enumerate(steps) if each.is_known and each.policy == recorded]
        if left:  # whatever came before was gone by then
            steps, is_complete = steps[left[-1] + 1 :], True
        self.is_complete = is_complete
        self._spans = tuple(_spans(recorded, live, steps, is_complete=is_complete))

    def of(self, change: Change) -> Authors:
        """Who made one change of `diff(recorded, live)`."""
        spans: set[int] = set()
        if not isinstance(change, Delete):
            spans.update(self._towards(change.after))
        if not isinstance(change, Create):
            spans.update(self._from(change.before))
        if not spans and self._earlier:
            return self._earlier.of(change)
        return self._authors(sorted(spans))

    def of_heads(self) -> Authors:
        """Who changed the version or the id of the policy."""
        spans = enumerate(self._spans)
        return self._authors(
            at for at, each in spans if heads_of(each.before) != heads_of(each.after)
        )

    def _towards(self, statement: Statement) -> Iterator[int]:
        """The spans in which the statement became what it is, the newest first."""
        for at in range(len(self._spans) - 1, -1, -1):
            for change in self._spans[at].changes:
                if not isinstance(change, Delete) and change.after == statement:
                    yield at
                    if isinstance(change, Create):
                        return
                    statement = change.before
                    break

    def _from(self, statement: Statement) -> Iterator[int]:
        """The spans in which the statement became what it is no more, the oldest first."""
        gone = [at for at, each in enumerate(self._spans) if _successor(each, statement)]
        for at in range(gone[-1], len(self._spans)) if gone else ():
            change = _successor(self._spans[at], statement)
            if change is not None:
                yield at
                if isinstance(change, Delete):
                    return
                statement = change.after

    def _authors(self, spans: Iterable[int]) -> Authors:
        found = [self._spans[at] for at in spans]
        edits = tuple(dict.fromkeys(edit for span in found for edit in span.edits))
        is_certain = all(span.is_certain for span in found if span.edits)
        basis: Basis = "text" if is_certain else "time"
        is_missing = not all(span.edits for span in found)
        return Authors(edits, basis if edits else None, is_missing)


def _spans(
    recorded: Policy | None, live: Policy | None, steps: Sequence[Step], *, is_complete: bool
) -> Iterator[_Span]:
    before, waiting = recorded, list[Edit]()
    for step in steps:
        waiting.append(step.edit)
        if step.is_known:
            is_certain = is_complete and len(waiting) == 1
            yield _Span(tuple(waiting), before, step.policy, diff(before, step.policy), is_certain)
            before, waiting, is_complete = step.policy, [], True
    if before != live:
        yield _Span(tuple(waiting), before, live, diff(before, live), is_certain=False)


def _successor(span: _Span, statement: Statement) -> Change | None:
    """What a span does to a statement that it finds; None where it leaves it."""
    return next(
        (
            each
            for each in span.changes
            if not isinstance(each, Create) and each.before == statement
        ),
        None,
    )
