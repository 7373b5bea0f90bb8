"""For whom conditions are solved, and what a solution is."""

from __future__ import annotations

from dataclasses import dataclass

from planner.access.principal_classes import PrincipalClass
from planner.access.request import Caller
from planner.access.stranger import Stranger
from planner.access.variables import Context
from planner.registry import Registry


@dataclass(frozen=True, slots=True)
class Model:
    """A context, and a caller where any other of the class would not do.

    `doubt` names a condition of which nothing can be said.
    """

    caller: Caller | None
    context: Context
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """For whom conditions are solved: a class of callers, one action, one registry.

    `action` is in lower case, None where it is not known; `has_resource` tells whether it
    works on a repository. With a `stranger` only what one can set is looked at.
    """

    principals: PrincipalClass
    action: str | None
    has_resource: bool
    registry: Registry | None = None
    stranger: Stranger | None = None

    @property
    def is_own(self) -> bool:
        """Whether the callers are of the registry's account."""
        account = self.principals.caller.account
        return self.registry is not None and account == self.registry.account_id
