"""What the commands that look at policy files know of the settings."""

from __future__ import annotations

from planner.cli.wiring import Wiring
from planner.lint.check import check_suppressions, unused
from planner.lint.finding import Finding
from planner.lint.suppression import Suppression
from planner.policy.placeholders import Placeholders


class Project(Wiring):
    """The settings and adapters of a run, and what lint takes from them."""

    def placeholders(self, built_in: dict[str, str], later: tuple[str, ...] = ()) -> Placeholders:
        """What fills policy files: [vars], --var, and what the registry itself gives."""
        return self.settings.placeholders(built_in, later)

    @property
    def suppressions(self) -> tuple[Suppression, ...]:
        """The rules that [lint] turns off. Raises PlannerError for rules that are none."""
        check_suppressions(self.settings.toml.suppressions, str(self.settings.file))
        return self.settings.toml.suppressions

    def unused_suppressions(self, used: set[Suppression]) -> list[Finding]:
        """A finding for each switch in planner.toml that turned nothing off."""
        return unused(self.suppressions, used, str(self.settings.file))
