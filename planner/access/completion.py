"""What a request always has: the keys that a model of some conditions leaves open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from planner.access.caller_solver import ARN
from planner.access.condition_solver import ConditionSolver, equals, is_there
from planner.access.coupled_keys import group_of
from planner.access.key_solver import Values
from planner.access.texts import UndecidedError


def always_there(
    solver: ConditionSolver, context: Mapping[str, Values], looked_at: Iterable[str]
) -> dict[str, Values]:
    """Values of the keys that the policies look at, every request of the scene has, and a
    context leaves open.
    """
    more: dict[str, Values] = {}
    for key in sorted(map(solver.name_of, looked_at)):
        known = {**context, **more}
        if key in known or key in solver.fixed or key in solver.of_self or not key:
            continue
        if key == ARN:
            named = [each for each in solver.principals.roles if "*" not in each]
            more |= {key: (named[0],)} if named else {}
            continue
        group = group_of(key)
        others = [each for each in known if group_of(each) == group]
        must_be_told = key == "aws:sourceip" and not others
        domain = solver.domain(key)
        if not domain.may_exist or (domain.may_be_missing and not must_be_told):
            continue
        wanted = [(equals(each, known[each][0]), True) for each in others]
        try:
            more |= solver.coupled([*wanted, (is_there(key), True)]).solve(group) or {}
        except UndecidedError:
            continue
    return solver.by_all_names(more)
