"""What the rules find in a policy to come, beside what others have in the same registry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from planner.config.settings import Settings
from planner.lint.annotation import Annotations
from planner.lint.check import check, check_beside, check_suppressions, suppressed, unknown, unused
from planner.lint.finding import Finding
from planner.lint.suppression import Suppression
from planner.policy.document import Statement
from planner.policy.parse import ParsedPolicy, invalid_policy
from planner.workflow.live import Found


@dataclass(frozen=True, slots=True)
class Rules:
    """What the rules are to know: the settings, the registry, the scope that will be, the day."""

    settings: Settings
    found: Found
    scope: str | None
    today: date

    def find(
        self, parsed: ParsedPolicy, name: str, others: Sequence[Statement] = ()
    ) -> tuple[list[Finding], set[Suppression]]:
        """What a reader of the plan should know, and which suppressions were used.

        `name` is what the policy is called. Raises InvalidPolicyError for errors.
        """
        suppressions, registry = self.settings.toml.suppressions, self.found.registry
        check_suppressions(suppressions, str(self.settings.file))
        if others:
            findings = check_beside(parsed, others, registry, self.scope, self._annotations)
        else:
            findings = check(
                parsed,
                registry,
                self.scope,
                is_assumed=self.found.is_assumed,
                annotations=self._annotations,
            )
        kept, used = suppressed(findings, suppressions)
        if errors := [each for each in kept if each.severity == "error"]:
            error = invalid_policy(name, errors)
            error.registry, error.origins = str(registry), self.found.origins
            raise error
        return kept, used

    def find_in_files(
        self, parsed: ParsedPolicy, others: Sequence[Statement] = ()
    ) -> tuple[Finding, ...]:
        """The same for the policy files, with what the settings say of them in vain."""
        kept, used = self.find(parsed, self.settings.policy_name, others)
        suppressions, file = self.settings.toml.suppressions, str(self.settings.file)
        gone = self._annotations.without(each.sid for each in parsed.policy.statements)
        return (*kept, *unused(suppressions, used, file), *unknown(gone, file))

    @property
    def _annotations(self) -> Annotations:
        return Annotations(self.settings.toml.statements, self.today)
