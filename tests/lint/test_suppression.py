"""What is suppressed off, and for whom."""

from __future__ import annotations

from planner.lint.check import suppressed, suppression_mistake, unused
from planner.lint.suppression import Suppression
from tests.support.lint import REPLICATE, find
from tests.support.policies import document, statement


def test_switches() -> None:
    findings = find(
        document(statement("A", **REPLICATE), statement("B", "222233334444", **REPLICATE))
    )
    assert [each.rule for each in findings].count("replicate-without-create") == 2
    for name in ("A", 'statement["A"]'):
        suppression = Suppression("replicate-without-create", name, "they make their own")
        kept, used = suppressed(findings, [suppression])
        assert [each.statement for each in kept if each.rule == suppression.rule] == [
            'statement["B"]'
        ]
        assert used == {suppression}
    everywhere = Suppression("replicate-without-create")
    kept, used = suppressed(findings, [everywhere])
    assert not [each for each in kept if each.rule == everywhere.rule]
    idle = Suppression("all-actions", "A", "why")
    (found,) = unused([everywhere, idle], used, "planner.toml")
    assert (found.rule, found.location.file) == ("unused-switch", "planner.toml")
    assert "all-actions for A" in found.message


def test_a_switch_names_a_rule() -> None:
    assert suppression_mistake("own-account") == ""
    assert "did you mean 'own-account'" in suppression_mistake("own-acount")
    for fixed in ("json", "grammar", "not-a-policy", "unused-switch"):
        assert "cannot be suppressed off" in suppression_mistake(fixed)
