"""Texts as they occur: names of repositories and actions, ARNs of callers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from planner.errors import PlannerError
from planner.policy.document import Statement
from planner.registry import Registry

_LOWER = "abcdefghijklmnopqrstuvwxyz"
_DIGITS = "0123456789"
_ALNUM = _LOWER + _DIGITS
_IAM_NAME = _ALNUM + _LOWER.upper() + "-_.@+=,"

Table = Mapping[int, Sequence[tuple[str, int]]]
"""For each state the groups of characters that may follow, each with the state after it."""

# https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
# At least two characters: parts of letters and digits between single separators.
_REPOSITORY: Table = {
    0: [(_ALNUM, 1)],
    1: [(_ALNUM, 2), ("-_.", 3), ("/", 3)],
    2: [(_ALNUM, 2), ("-_.", 3), ("/", 3)],
    3: [(_ALNUM, 2)],
}
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_PATH_AND_NAME: Table = {0: [(_IAM_NAME, 1)], 1: [(_IAM_NAME, 1), ("/", 0)]}
_NAME: Table = {0: [(_IAM_NAME, 1)], 1: [(_IAM_NAME, 1)]}
_SERVICE: Table = {0: [(_ALNUM, 1)], 1: [(_ALNUM + "-", 1), (":", 2)], 2: [(_ALNUM, 3)]}
_ACTION: Table = {**_SERVICE, 3: [(_ALNUM, 3)]}
_END: Table = {0: []}


class Form:
    """Fixed places, each with its possible characters, and then what a table describes."""

    def __init__(self, places: Sequence[str], table: Table, accepting: int) -> None:
        self.places = places
        self.table = table
        self.accepting = accepting
        self.start = 0

    def _groups(self, state: int) -> Sequence[tuple[str, int]]:
        count = len(self.places)
        if state < count:
            return [(self.places[state], state + 1)]
        return [(group, after + count) for group, after in self.table[state - count]]

    def choices(self, state: int) -> Sequence[str]:
        """The characters that may follow, one group for each state after them."""
        return [group for group, _ in self._groups(state)]

    def step(self, state: int, symbol: str) -> int | None:
        """The state after a symbol; a variable counts as the text that stands in for it."""
        if len(symbol) > 1:
            return self._step_through(state, stand_in(symbol))
        return next((after for group, after in self._groups(state) if symbol in group), None)

    def _step_through(self, state: int, text: str) -> int | None:
        here: int | None = state
        for char in text:
            here = None if here is None else self.step(here, char)
        return here

    def accepts(self, state: int) -> bool:
        """Whether a text may end here."""
        return state == len(self.places) + self.accepting


def stand_in(variable: str) -> str:
    """A plain value for a policy variable: `username` for `${aws:username}`."""
    key = variable[2:-1].partition(",")[0]
    name = key.rpartition(":")[2].rpartition("/")[2]
    return "".join(char for char in name if char in _ALNUM) or "value"


def repositories(registry: Registry) -> Form:
    """The ARNs of the repositories that may exist in a registry."""
    return Form(repository_prefix(registry), _REPOSITORY, 2)


def repository_prefix(registry: Registry) -> str:
    """What the ARN of each repository of a registry begins with."""
    place = f"{registry.region}:{registry.account_id}"
    return f"arn:{registry.partition}:ecr:{place}:repository/"


def exactly(text: str) -> Form:
    """One text alone."""
    return Form(text, _END, 0)


def callers(partition: str, account: str, kind: str, *, paths: bool = True) -> Form:
    """The ARNs of the roots, users or roles of an account; of any where it is empty."""
    numbers = list(account) if account else [_DIGITS] * 12
    service = "sts" if kind == "federated-user" else "iam"
    places = [*f"arn:{partition}:{service}::", *numbers, ":"]
    if kind == "account":
        return Form([*places, *"root"], _END, 0)
    return Form([*places, *f"{kind}/"], _PATH_AND_NAME if paths else _NAME, 1)


def services() -> Form:
    """The names of services: letters, digits and hyphens before `.amazonaws.com`."""
    suffix = ".amazonaws.com"
    table: dict[int, Sequence[tuple[str, int]]] = {
        0: [(_ALNUM, 1)],
        1: [(_ALNUM + "-", 1), (".", 2)],
    }
    for place, char in enumerate(suffix[1:], start=2):
        table[place] = [(char, place + 1)]
    last = len(suffix) + 1
    table[last] = []
    return Form("", table, last)


def actions(service: str) -> Form:
    """Names of actions in lower case: of one service, or of any where it is empty."""
    if service:
        return Form(f"{service}:", {0: [(_ALNUM, 1)], 1: [(_ALNUM, 1)]}, 1)
    return Form("", _ACTION, 3)


def example_registry(statements: Sequence[Statement]) -> Registry:
    """The one registry that the policies name, or one that shows what an ARN looks like."""
    found: set[Registry] = set()
    for statement in statements:
        for each in statement.resource.values if statement.resource else ():
            parts = each.split(":")
            if len(parts) > 5 and parts[2] == "ecr":  # noqa: PLR2004 (the fields of an ARN)
                try:
                    found.add(Registry(parts[1], parts[4], parts[3]))
                except PlannerError:
                    continue
    return found.pop() if len(found) == 1 else Registry("aws", "123456789012", "us-east-1")
