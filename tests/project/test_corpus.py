"""Real policies and refused inputs, where the folder that holds them stands."""

from __future__ import annotations

import json

import pytest

from planner.lint.check import check
from planner.policy.canonical import canonicalise, digest
from planner.policy.document import named_registry, serialize
from planner.policy.ecr_rules import refusals
from planner.policy.parse import ParsedPolicy, find_problems
from tests.support.paths import ROOT

CORPUS = ROOT.parent / "shared" / "corpus"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not on this machine")

INDEX = json.loads((CORPUS / "index.json").read_text()) if CORPUS.is_dir() else []
NO_REGISTRY_POLICY = ["registry/102.json"]  # a repository policy that was put by mistake


def paths(kind: str) -> list[str]:
    folder = CORPUS / kind
    names = sorted(f"{kind}/{path.name}" for path in folder.iterdir()) if CORPUS.is_dir() else []
    return [name for name in names if name not in NO_REGISTRY_POLICY]


@pytest.mark.parametrize("name", paths("registry") + paths("repository"))
def test_a_valid_policy_round_trips(name: str) -> None:
    dialect = "registry" if name.startswith("registry") else "any"
    parsed = find_problems((CORPUS / name).read_bytes(), dialect=dialect)  # type: ignore[arg-type]
    assert isinstance(parsed, ParsedPolicy)
    again = find_problems(serialize(parsed.policy), dialect=dialect)  # type: ignore[arg-type]
    assert isinstance(again, ParsedPolicy)
    assert again.policy == parsed.policy
    assert digest(canonicalise(parsed.policy)) == digest(parsed.policy)


@pytest.mark.parametrize(
    "name",
    [row["file"] for row in INDEX if row["acceptance"].startswith(("documented", "accepted"))],
)
def test_what_ecr_takes_is_not_refused(name: str) -> None:
    if name.startswith("registry"):
        parsed = find_problems((CORPUS / name).read_bytes())
        assert isinstance(parsed, ParsedPolicy)
        assert refusals(parsed.policy, "aws", "V2") == []


# What AWS takes and the notes call wrong: repeated Sids, and a Resource that lets replication fail.
EXPLAINED = {
    "registry/003.json": {"duplicate-sid"},
    "registry/004.json": {"duplicate-sid"},
    "registry/018.json": {"unsupported-resource"},
    "registry/029.json": {"malformed-resource"},
    "registry/100.json": {"malformed-resource"},
}


@pytest.mark.parametrize("name", paths("registry"))
def test_validate_has_no_false_error(name: str) -> None:
    parsed = find_problems((CORPUS / name).read_bytes())
    assert isinstance(parsed, ParsedPolicy)
    registry = named_registry([parsed.policy])
    errors = {each.rule for each in check(parsed, registry, "V2") if each.severity == "error"}
    assert errors == EXPLAINED.get(name, set())


@pytest.mark.parametrize("name", [*paths("invalid"), *NO_REGISTRY_POLICY])
def test_a_refused_input_gets_its_clear_error(name: str) -> None:
    result = find_problems((CORPUS / name).read_bytes())
    if isinstance(result, ParsedPolicy):
        assert refusals(result.policy, "aws", "V2")
    else:
        assert all(problem.message and problem.location.line for problem in result)


@pytest.mark.parametrize(("one", "other"), [("repository/016.json", "repository/017.json")])
def test_the_same_policy_in_another_order(one: str, other: str) -> None:
    both = [find_problems((CORPUS / name).read_bytes(), dialect="any") for name in (one, other)]
    assert len({digest(each.policy) for each in both if isinstance(each, ParsedPolicy)}) == 1
