"""What is switched off, and for whom."""

from __future__ import annotations

from planner.lint.check import switch_mistake, switched, unused
from planner.lint.switch import Switch
from tests.support.lint import REPLICATE, find
from tests.support.policies import document, statement


def test_switches() -> None:
    findings = find(
        document(statement("A", **REPLICATE), statement("B", "222233334444", **REPLICATE))
    )
    assert [each.rule for each in findings].count("replicate-without-create") == 2
    for name in ("A", 'statement["A"]'):
        switch = Switch("replicate-without-create", name, "they make their own")
        kept, used = switched(findings, [switch])
        assert [each.statement for each in kept if each.rule == switch.rule] == ['statement["B"]']
        assert used == {switch}
    everywhere = Switch("replicate-without-create")
    kept, used = switched(findings, [everywhere])
    assert not [each for each in kept if each.rule == everywhere.rule]
    idle = Switch("all-actions", "A", "why")
    (found,) = unused([everywhere, idle], used, "planner.toml")
    assert (found.rule, found.file) == ("unused-switch", "planner.toml")
    assert "all-actions for A" in found.message


def test_a_switch_names_a_rule() -> None:
    assert switch_mistake("own-account") == ""
    assert "did you mean 'own-account'" in switch_mistake("own-acount")
    for fixed in ("json", "grammar", "not-a-policy", "unused-switch"):
        assert "cannot be switched off" in switch_mistake(fixed)
