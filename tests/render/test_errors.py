"""Failures as people read them."""

from __future__ import annotations

from planner.errors import InvalidPolicyError, PlannerError
from planner.render.errors import error_lines
from planner.render.text.terminal import coloured, to_text

PROBLEM = {
    "file": "p.json",
    "line": 3,
    "column": 7,
    "pointer": "/Statement/0",
    "message": "it is \x1b wrong",
    "hint": "Mend it.",
    "rule": "grammar",
}


def test_the_three_parts_stand_apart() -> None:
    error = PlannerError("It failed.", "Why:\nso.", "Do\u202e this.")
    assert to_text(error_lines(error)) == (
        "Error: It failed.\n\n  Why:\n  so.\n\n  Do\\u202e this.\n"
    )
    assert to_text(error_lines(PlannerError("It failed."))) == "Error: It failed.\n"
    assert coloured(error_lines(error)).startswith("\x1b[31m\x1b[1mError:\x1b[0m It failed.")


def test_the_problems_of_a_policy_stand_where_the_reason_does() -> None:
    whole = {**PROBLEM, "pointer": "", "hint": ""}
    error = InvalidPolicyError("p.json is wrong.", [PROBLEM, whole], "Run it again.")
    assert to_text(error_lines(error)) == (
        "Error: p.json is wrong.\n\n"
        "  p.json:3:7: /Statement/0: it is \\u001b wrong [grammar]\n"
        "      Mend it.\n"
        "  p.json:3:7: (document): it is \\u001b wrong [grammar]\n\n"
        "  Run it again.\n"
    )
