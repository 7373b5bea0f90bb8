"""What IAM Access Analyzer answers, and what planner makes of it.

A small server on the loopback answers in the form of ValidatePolicy; boto3 is the real one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.aws.access_analyzer import AccessAnalyzer, _location
from planner.aws.session import Connection
from planner.config.settings import Endpoint
from planner.errors import PlannerError
from planner.policy.json_text import read_json
from planner.policy.source_text import Lines
from planner.ports import AnalyzerFinding, AnalyzerLocation, Position
from tests.support.analyzer import POLICY, TOKEN, Answer, FakeAnalyzer

DENIED = (403, {"message": f"token {TOKEN}"}, "AccessDeniedException")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """AWS settings of this test alone, without credentials."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    return monkeypatch


@pytest.fixture
def server() -> Iterator[FakeAnalyzer]:
    fake = FakeAnalyzer()
    yield fake
    fake.server.shutdown()
    fake.server.server_close()


@pytest.fixture
def analyzer(server: FakeAnalyzer, settings: pytest.MonkeyPatch) -> FakeAnalyzer:
    """The fake, and credentials to ask it."""
    settings.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    settings.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    settings.setenv("AWS_SESSION_TOKEN", TOKEN)
    return server


def finding(code: str = "EMPTY_SID_VALUE", **changes: Any) -> dict[str, Any]:
    """A finding as the service writes it."""
    page = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference.html"
    return {
        "findingDetails": "Add a value to the empty string in the Sid element.",
        "findingType": "SUGGESTION",
        "issueCode": code,
        "learnMoreLink": f"{page}#{code}",
        "locations": [],
        **changes,
    }


def location(path: list[dict[str, Any]], start: int, end: int, text: str) -> dict[str, Any]:
    """A location as the service writes it: lines from 1, columns and offsets from 0."""
    positions = {}
    for name, offset in (("start", start), ("end", end)):
        line, column = Lines(text).position(offset)
        positions[name] = {"line": line, "column": column - 1, "offset": offset}
    return {"path": path, "span": positions}


def test_what_is_asked(analyzer: FakeAnalyzer) -> None:
    analyzer.says()
    assert analyzer.validate() == []
    asked = {"policyDocument": POLICY, "policyType": "RESOURCE_POLICY", "locale": "EN"}
    assert analyzer.requests == [("/policy/validation", {}, asked)]


def test_a_finding(analyzer: FakeAnalyzer) -> None:
    text = '{\n  "Version": "2012-10-17",\n  "Statement": [{"Sid": ""}]\n}'
    start = text.index('""')
    path: list[dict[str, Any]] = [{"value": "Statement"}, {"index": 0}, {"value": "Sid"}]
    analyzer.says(finding(locations=[location(path, start, start + 2, text)]))
    (found,) = analyzer.validate(text)
    here = AnalyzerLocation("/Statement/0/Sid", Position(3, 25, start), Position(3, 27, start + 2))
    assert found == AnalyzerFinding(
        "SUGGESTION",
        "EMPTY_SID_VALUE",
        "Add a value to the empty string in the Sid element.",
        finding()["learnMoreLink"],
        (here,),
    )


def test_all_pages_are_read(analyzer: FakeAnalyzer) -> None:
    analyzer.says(finding("A"), finding("B"), more="second")
    analyzer.says(more="third")
    analyzer.says(finding("C"))
    assert [each.issue_code for each in analyzer.validate()] == ["A", "B", "C"]
    tokens = [query.get("nextToken") for _, query, _ in analyzer.requests]
    assert tokens == [None, ["second"], ["third"]]


@pytest.mark.parametrize("kind", ["ERROR", "SECURITY_WARNING", "WARNING", "SUGGESTION"])
def test_types(analyzer: FakeAnalyzer, kind: str) -> None:
    analyzer.says(finding(findingType=kind))
    assert [each.type for each in analyzer.validate()] == [kind]


def test_a_type_that_is_new_is_a_warning(analyzer: FakeAnalyzer) -> None:
    analyzer.says(finding(findingType="ADVICE"))
    assert [each.type for each in analyzer.validate()] == ["WARNING"]


def test_texts_are_safe_to_show(analyzer: FakeAnalyzer) -> None:
    analyzer.says(finding("A\x1b[31m", findingDetails="The action\n x\u202ey is\x07 none."))
    (found,) = analyzer.validate()
    assert found.issue_code == "A\\u001b[31m"
    assert found.details == "The action x\\u202ey is\\u0007 none."


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ([], ""),
        ([{"value": "Version"}], "/Version"),
        ([{"value": "Statement"}, {"value": "Resource"}], "/Statement/Resource"),
        ([{"value": "Statement"}, {"index": 0}, {"key": "Sids"}], "/Statement/0/Sids"),
        ([{"value": "Id"}, {"substring": {"start": 0, "length": 2}}], "/Id"),
        (
            [{"value": "Condition"}, {"value": "aws:PrincipalTag/a~b"}],
            "/Condition/aws:PrincipalTag~1a~0b",
        ),
        ([{"value": ""}, {"index": 0}], "//0"),
    ],
)
def test_paths(analyzer: FakeAnalyzer, path: list[dict[str, Any]], pointer: str) -> None:
    analyzer.says(finding(locations=[location(path, 0, 1, POLICY)]))
    (found,) = analyzer.validate()
    assert [each.pointer for each in found.locations] == [pointer]


def test_several_locations(analyzer: FakeAnalyzer) -> None:
    first, second = (
        location([{"value": "Statement"}, {"index": index}], 0, 1, POLICY) for index in (0, 1)
    )
    analyzer.says(finding(locations=[first, second]))
    (found,) = analyzer.validate()
    assert [each.pointer for each in found.locations] == ["/Statement/0", "/Statement/1"]


keys = st.text(st.sampled_from('Aa:/~01 \n"é'), max_size=4)
trees = st.recursive(
    keys, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3)
)


@given(trees, st.data())
def test_pointer_and_range_mean_the_same_value(tree: Any, data: st.DataObject) -> None:
    text = json.dumps(tree, indent=1)
    path: list[dict[str, Any]] = []
    while tree and not isinstance(tree, str) and data.draw(st.booleans()):
        step = data.draw(
            st.sampled_from(range(len(tree)) if isinstance(tree, list) else list(tree))
        )
        path.append({"index": step} if isinstance(tree, list) else {"value": step})
        tree = tree[step]
    root = read_json(text, "p.json").root
    assert root is not None
    told = _location(location(path, 0, len(text), text))
    node = root.at(told.pointer)
    start, end = Lines(text).span(node.location)
    assert json.loads(text[start:end]) == tree
    told = _location(location(path, start, end, text))
    assert (node.location.line, node.location.column) == (told.start.line, told.start.column)
    assert text[told.start.offset : told.end.offset] == text[start:end]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (DENIED, "lack access-analyzer:ValidatePolicy"),
        ((429, {"message": TOKEN}, "ThrottlingException"), "throttling"),
        ((403, {"message": TOKEN}, "ExpiredTokenException"), "have expired"),
        ((403, {"message": TOKEN}, "UnrecognizedClientException"), "does not know these"),
        ((500, {"message": TOKEN}, "InternalServerException"), "a fault of its own"),
        ((400, {"message": "too long"}, "ValidationException"), "ValidationException: too long"),
        ((400, {"message": TOKEN}, "SomethingNew"), "AWS answered SomethingNew"),
        ((200, "<html>log in</html>", ""), "does not answer as AWS does"),
        ((200, "{}", ""), "does not answer as AWS does"),
        ((200, {"findings": [{}]}, ""), "does not answer as AWS does"),
        ((200, {"findings": [finding(locations=[{"path": []}])]}, ""), "does not answer as AWS"),
    ],
)
def test_failures(analyzer: FakeAnalyzer, answer: Answer, words: str) -> None:
    assert words in analyzer.failure(*answer)


def test_a_failure_on_a_later_page_gives_no_half_answer(analyzer: FakeAnalyzer) -> None:
    analyzer.says(finding(), more="second")
    assert "lack access-analyzer:ValidatePolicy" in analyzer.failure(*DENIED)


def test_no_credentials(server: FakeAnalyzer, settings: pytest.MonkeyPatch) -> None:
    del settings
    assert "There are no AWS credentials" in server.failure(200, {"findings": []}, "")
    assert server.requests == []


def test_nothing_listens(analyzer: FakeAnalyzer) -> None:
    nowhere = Endpoint("http://127.0.0.1:9")
    with pytest.raises(PlannerError, match="could not ask IAM Access Analyzer") as caught:
        AccessAnalyzer(Connection("us-west-2", endpoint=nowhere)).validate(POLICY)
    assert "http://127.0.0.1:9 cannot be reached" in caught.value.detail
    assert analyzer.requests == []
