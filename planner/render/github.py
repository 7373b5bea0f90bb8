"""Findings as workflow commands, which GitHub shows at the lines of a pull request.

https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from planner.policy.document import JsonObject
from planner.registry import Registry
from planner.render.interface import Look, View
from planner.render.text.assertions import as_findings
from planner.render.text.findings import finding_text
from planner.render.words import drift_texts
from planner.text import clean

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def render(view: View, _look: Look) -> str:
    """A line with one command for each finding, and for each assertion that does not hold.

    Of drift one for each change; it stands in no file.
    """
    document = view.document
    if view.kind == "drift":
        title = _property(f"Drift of {Registry(**document['registry'])}")
        return "".join(
            f"::warning title={title}::{_data(each)}\n" for each in drift_texts(document)
        )
    tests = [document] if view.kind == "assertions" else document["assertions"]
    failed = [each for one in tests for each in as_findings(one)]
    findings = [*document.get("findings", ()), *failed]
    return "".join(f"{workflow_command(each)}\n" for each in findings)


def workflow_command(finding: JsonObject) -> str:
    """The command that shows one finding."""
    properties = {
        "file": finding["file"],
        "line": finding["line"],
        "endLine": finding["end_line"],
        "col": finding["column"],
        "endColumn": finding["end_column"],
        "title": finding["rule"],
    }
    if finding["line"] != finding["end_line"]:  # GitHub takes columns within one line only
        del properties["col"], properties["endColumn"]
    listed = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{_COMMANDS[finding['severity']]} {listed}::{_data(finding_text(finding))}"


def _data(text: str) -> str:
    shown = "\n".join(map(clean, text.split("\n")))
    return shown.replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
