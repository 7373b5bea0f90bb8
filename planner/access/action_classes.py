"""Whatever may be asked for: classes of actions that two policies cannot tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from planner.access.shapes import actions as action_names
from planner.access.variables import glob_tokens
from planner.automata.automaton import Budget, Language, find_text
from planner.automata.pattern import matches
from planner.policy.action import ecr_actions
from planner.policy.document import Statement
from planner.policy.keys import KEYS, TAG_KEYS
from planner.registry import Registry
from planner.text import fold


@dataclass(frozen=True, slots=True)
class ActionClass:
    """An action that may be asked for, in its documented spelling where it has one.

    `resources` tells what it works on: `repository`, `none` (only the Resource `*`) or `any`
    where it is not known. `is_named` is false for one that stands for all that no policy
    names and the service does not have (yet). `is_known` is false for one that a policy names
    and the table of ECR's actions does not.
    """

    name: str
    resources: str
    is_named: bool = True
    is_known: bool = True

    @property
    def service(self) -> str:
        """The service that has it, in lower case: what stands before the colon."""
        return fold(self.name).partition(":")[0]

    @property
    def filled_keys(self) -> frozenset[str]:
        """Of the condition keys that only some actions fill those that this one does."""
        folded = fold(self.name)
        rows = (row for row in (*KEYS, *TAG_KEYS) if row.actions)
        return frozenset(row.name for row in rows if folded in map(fold, row.actions))


_TOLD_FIRST = ("ecr:replicateimage", "ecr:putimage", "ecr:batchgetimage", "ecr:tagresource")
"""What a witness rather does, if it may do it among other things."""


def action_classes(
    statements: Sequence[Statement], registry: Registry | None, budget: Budget
) -> list[ActionClass]:
    """Every action that two policies may tell apart, ECR's first.

    To a registry nothing else is sent than the actions that ECR has, and those that a policy
    names and planner does not know.
    """
    values = [each for one in statements for each in one.action.values if not each.malformed]
    patterns = sorted({each.folded for each in values})
    known = ecr_actions()
    told_first = sorted(known, key=lambda name: (name not in _TOLD_FIRST, name))
    is_of_ecr = registry is not None or any(each.startswith("ecr:") for each in patterns)
    found = [
        ActionClass(known[name].name, "repository" if known[name].resource_types else "none")
        for name in (told_first if is_of_ecr else ())
    ]
    literal = [each for each in patterns if "*" not in each and "?" not in each]
    wild = [each for each in patterns if each not in literal]
    prefix = "ecr:" if registry else ""
    others = [each for each in literal if each not in known and each.startswith(prefix)]
    spelled = {each.folded: each.text for each in values}
    found.extend(ActionClass(spelled[each], "any", is_known=registry is None) for each in others)
    if registry is not None:
        return found
    fresh = _regions(wild, [*known, *literal], "", budget)
    return [*found, *(ActionClass(each, "any", is_named=False) for each in fresh)]


def _regions(
    patterns: Sequence[str], taken: Sequence[str], service: str, budget: Budget
) -> list[str]:
    """One action of each region into which the patterns divide all that are not `taken`."""
    shape = action_names(service)
    nots = [glob_tokens(each, variables=False) for each in taken]
    regions: dict[tuple[bool, ...], str] = {}

    def look(inside: list[str], outside: list[str]) -> str | None:
        first, *rest = inside or ["*"]
        found = find_text(
            glob_tokens(first, variables=False),
            budget,
            musts=[Language([glob_tokens(each, variables=False)]) for each in rest],
            nots=Language([*nots, *(glob_tokens(each, variables=False) for each in outside)]),
            shape=shape,
        )
        return None if found is None else "".join(found)

    start = look([], [])
    if start is not None:
        regions[()] = start
    for number, pattern in enumerate(patterns):
        divided: dict[tuple[bool, ...], str] = {}
        for signs, known in regions.items():
            is_in = matches(pattern, known)
            divided[*signs, is_in] = known
            chosen = zip(patterns[: number + 1], (*signs, not is_in), strict=True)
            pairs = list(chosen)
            other = look([p for p, sign in pairs if sign], [p for p, sign in pairs if not sign])
            if other is not None:
                divided[*signs, not is_in] = other
        regions = divided
    return list(regions.values())
