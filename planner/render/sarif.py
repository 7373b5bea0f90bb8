"""Findings as a SARIF 2.1.0 log, which code scanning services read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import PurePath
from urllib.parse import quote

from planner import __version__
from planner.lint.view import rule_rows
from planner.policy.document import JsonObject
from planner.render.interface import Look, View
from planner.render.text.assertions import ASSERTION, as_findings
from planner.render.text.findings import finding_text
from planner.text import clean, json_text

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ASSERTION = {"id": ASSERTION, "severity": "error", "title": "An assertion that does not hold"}
_FINGERPRINT = "primaryLocationLineHash"
"""The name under which GitHub recognises a finding that was there before."""


def render(view: View, _look: Look) -> str:
    """The log of one run, with every rule that there is."""
    failed = [each for one in view.document["assertions"] for each in as_findings(one)]
    rules = [*rule_rows(), _ASSERTION]
    return json_text(sarif_log([*view.document["findings"], *failed], rules, __version__))


def sarif_log(findings: list[JsonObject], rules: list[JsonObject], version: str) -> JsonObject:
    """The log of one run; `rules` are all that there are: id, severity, title."""
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    seen: Counter[str] = Counter()
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "planner",
                        "version": version,
                        "rules": [_rule(rule) for rule in rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(each, index[each["rule"]], seen) for each in findings],
            }
        ],
    }


def _rule(rule: JsonObject) -> JsonObject:
    return {
        "id": rule["id"],
        "shortDescription": {"text": f"{rule['title']}."},
        "help": {"text": f"{rule['title']}. `planner validate` says how to mend it."},
        "defaultConfiguration": {"level": rule["severity"]},
    }


def _result(finding: JsonObject, index: int, seen: Counter[str]) -> JsonObject:
    return {
        "ruleId": finding["rule"],
        "ruleIndex": index,
        "level": finding["severity"],
        "message": {"text": clean(finding_text(finding))},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(finding["file"])},
                    "region": {
                        "startLine": finding["line"],
                        "startColumn": finding["column"],
                        "endLine": finding["end_line"],
                        "endColumn": finding["end_column"],
                    },
                },
                "logicalLocations": [{"fullyQualifiedName": _logical(finding)}],
            }
        ],
        "partialFingerprints": {_FINGERPRINT: _fingerprint(finding, seen)},
    }


def _logical(finding: JsonObject) -> str:
    return finding["statement"] or finding["pointer"] or "policy"


def _uri(file: str) -> str:
    """The file as a URI reference, relative to the root of the repository where it is so."""
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


def _fingerprint(finding: JsonObject, seen: Counter[str]) -> str:
    """The same as long as the finding is, wherever its statement moves in the file."""
    parts = [finding[each] for each in ("rule", "file", "statement", "message")]
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
    seen[digest] += 1
    return f"{digest}:{seen[digest]}"
