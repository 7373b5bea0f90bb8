"""Values that a condition key may have where a request does not say: candidates, to be tried.

Nothing is concluded from a candidate before it is evaluated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from planner.access.conditions import Test
from planner.access.request import Request
from planner.access.variables import Context, variable_of
from planner.automata.automaton import Tokens, Wild
from planner.policy.keys import ConditionKey
from planner.policy.operators import ValueType
from planner.times import stamp

Values = tuple[str, ...]
"""The values of one key in a request; none where it has no such key."""

_EXAMPLES: Mapping[ValueType, str] = {
    "Arn": "arn:aws:iam::210987654321:role/example",
    "Binary": "QQ==",
    "Bool": "true",
    "Date": "2030-01-01T00:00:00Z",
    "IpAddress": "198.51.100.7",
    "Numeric": "1",
    "String": "example",
}
_IDS = ("210987654321", "o-anotherorg0", "vpc-1a2b3c4d", "vpce-1a2b3c4d")
_WILD = {Wild.ONE: "x", Wild.MANY: "x", Wild.ONE_IN_FIELD: "x", Wild.MANY_IN_FIELD: "x"}
_LAST_DATE = 4_000_000_000
"""Seconds since 1970 that are surely a date of the calendar, and so are those before 1970."""
_STARTS = 8
"""At so many places of a text the value of a variable is looked for."""


def may_have(key: ConditionKey, request: Request) -> bool:
    """Whether such a request may have the key, by its caller and its action.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    row, caller = key.row, request.principal
    is_id = caller.kind == "unique-id"
    of_caller = {
        "aws:federatedprovider": is_id or caller.kind in ("role", "session"),
        "aws:principalarn": is_id,
        "aws:principalaccount": is_id,
        "aws:principalservicename": False,
        "aws:principalservicenameslist": caller.kind == "service",
        "aws:userid": caller.kind in ("user", "role", "session"),
        "aws:username": is_id and caller.text.startswith("AIDA"),
    }
    if key.folded in of_caller:
        return of_caller[key.folded]
    if row.of_account and not (caller.account or is_id):
        return False
    if row.names_source and caller.kind != "service":
        return False
    is_filled = not row.actions or request.action in row.actions
    return is_filled and request.action not in row.not_from


def example_of(key: ConditionKey) -> str:
    """A value of the key's form that no policy is likely to name."""
    form = key.row.form
    if form is not None:
        return next((each for each in _IDS if form.fits(each)), "example")
    return _EXAMPLES[key.row.types[0]]


def values_for(test: Test, context: Context) -> Iterator[str]:
    """Values of the test's own key for which it may hold, and next to them some for which not."""
    if test.operator.is_null:
        return
    if test.is_textual:
        yield from _texts(test, context)
        return
    for each in test.values:
        if each.network is not None:
            yield str(each.network.network_address)
        elif each.number is not None:
            yield each.text
            yield from (_number(test, each.number + step) for step in (-1, 1))


def _number(test: Test, number: Decimal) -> str:
    """A number as text, of a date the seconds since 1970 as people write a date."""
    if test.row.value_type == "Date" and abs(number) < _LAST_DATE:
        return stamp(datetime.fromtimestamp(int(number), UTC))
    return str(number)


def _texts(test: Test, context: Context) -> Iterator[str]:
    if test.row.value_type == "Bool":
        yield from ("true", "false")
        return
    for pattern in test.patterns:
        yield "".join(_symbol(token, context) for token in pattern)


def _symbol(token: object, context: Context) -> str:
    if isinstance(token, Wild):
        return _WILD[token]
    assert isinstance(token, tuple)
    variable = variable_of(token)
    if variable is None:
        return str(token[0])
    return next(iter(context.get(variable[0], ())), variable[1] or "example")


def values_of_variable(key: str, tokens: Tokens, texts: Iterable[str]) -> Iterator[str]:
    """Values of a policy variable with which a pattern may match one of the texts."""
    for index, token in enumerate(tokens):
        if (variable := variable_of(token)) is None or variable[0] != key:
            continue
        before, is_first = _literal(tokens[:index][::-1])
        after, is_last = _literal(tokens[index + 1 :])
        for text in texts:
            for start in _starts(text, before[::-1], is_first=is_first):
                for end in _ends(text, after, start, is_last=is_last):
                    yield text[start:end]


def _literal(tokens: Sequence[object]) -> tuple[str, bool]:
    """The characters that a pattern begins with, and whether it has nothing else."""
    found: list[str] = []
    for token in tokens:
        if not isinstance(token, tuple) or variable_of(token) is not None:
            return "".join(found), False
        found.append(str(token[0]))
    return "".join(found), True


def _starts(text: str, before: str, *, is_first: bool) -> Iterator[int]:
    """Where in the text a value may begin: behind what stands before the variable."""
    if is_first:
        if text.startswith(before):
            yield len(before)
        return
    place = text.find(before)
    for _ in range(_STARTS):
        if place < 0:
            return
        yield place + len(before)
        place = text.find(before, place + 1)


def _ends(text: str, after: str, start: int, *, is_last: bool) -> Iterator[int]:
    """Where it may end: before what stands behind the variable."""
    if is_last:
        if text.endswith(after) and len(text) - len(after) > start:
            yield len(text) - len(after)
        return
    for place in {text.find(after or "/", start), text.rfind(after or "/", start)}:
        if place > start:
            yield place
    if not after:
        yield len(text)
