"""Starting a project, over files in memory and a registry that is a function."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from planner.errors import PlannerError
from planner.generate.policy_types import PartialRegistry
from planner.policy.source_text import MAX_BYTES
from planner.registry import Registry
from planner.scaffold.project import Layout
from planner.stores.files import ProjectFiles
from planner.workflow.scaffolding import LivePolicy, Started, start_project
from tests.support.policies import document, statement

REGISTRY = Registry("aws", "444455556666", "us-west-2")
LAYOUT = Layout(Path("p"), Path("p/policy.json"), ("github",))
CI = "p/.github/workflows/registry-policy.yml"


class Memory:
    """Files by their paths, in the order in which they were written."""

    def __init__(self, **texts: str) -> None:
        self.texts = {Path(name.replace("__", "/")): text for name, text in texts.items()}

    def exists(self, path: Path) -> bool:
        return path in self.texts

    def read(self, path: Path) -> str:
        return self.texts[path]

    def create(self, path: Path, text: str) -> None:
        assert path not in self.texts
        self.texts[path] = text

    def replace(self, path: Path, text: str) -> None:
        del self.texts[path]
        self.texts[path] = text


def start(
    files: Memory, live: LivePolicy | PlannerError | None, *, keep: bool = False
) -> tuple[Started, int]:
    """What was started, and how often ECR was asked."""
    asked = []

    def fetch() -> LivePolicy | None:
        asked.append(live)
        if isinstance(live, PlannerError):
            raise live
        return live

    return start_project(LAYOUT, files, fetch, PartialRegistry, keep=keep), len(asked)


def test_the_live_policy_in_planners_style_and_each_file_once() -> None:
    files = Memory()
    text = document(statement("A", Resource=["b", "a"]))
    started, asked = start(files, LivePolicy(REGISTRY, text))
    assert asked == 1
    assert list(map(str, started.written)) == [
        "p/planner.toml",
        "p/policy.json",
        CI,
        "p/.gitignore",
    ]
    assert list(files.texts) == list(started.written)
    policy = files.texts[LAYOUT.policy]
    assert json.loads(policy)["Statement"][0]["Resource"] == ["a", "b"]
    assert policy == started.start.live
    assert started.start.told == f"The policy file is the live policy of {REGISTRY}."
    assert 'account_id = "444455556666"' in files.texts[LAYOUT.settings]


def test_no_policy_and_no_credentials_start_from_the_template() -> None:
    for live, told in (
        (LivePolicy(REGISTRY, None), "has no policy yet."),
        (None, "AWS was not asked."),
    ):
        files = Memory()
        started, _ = start(files, live)
        assert told in started.start.told
        assert "{{source_account}}" in files.texts[LAYOUT.policy]


@pytest.mark.parametrize(
    "live",
    [PlannerError("Refused.", "", "Ask."), LivePolicy(REGISTRY, '{"Statement": 5}')],
)
def test_a_live_policy_that_cannot_be_had_stops_it_before_a_file(
    live: LivePolicy | PlannerError,
) -> None:
    files = Memory()
    with pytest.raises(PlannerError, match=r"Refused|cannot read") as caught:
        start(files, live)
    assert "To start without AWS: planner init --offline" in caught.value.hint
    assert files.texts == {}


def test_what_exists_is_kept_and_ecr_asked_only_for_what_depends_on_it() -> None:
    files = Memory(**{"p__planner.toml": "mine", "p__policy.json": "mine"})
    with pytest.raises(PlannerError, match="nothing was written"):
        start(files, None)
    started, asked = start(files, None, keep=True)
    assert asked == 0
    assert list(map(str, started.written)) == [CI, "p/.gitignore"]
    assert files.texts[LAYOUT.settings] == files.texts[LAYOUT.policy] == "mine"
    started, _ = start(files, None, keep=True)
    assert started.written == ()


def test_offline_asks_nobody() -> None:
    started = start_project(LAYOUT, Memory(), None, PartialRegistry, keep=False)
    assert started.start.told == ""


def test_project_files_keep_bytes_that_are_no_text_and_cut_none_off(tmp_path: Path) -> None:
    files, path = ProjectFiles(tmp_path), tmp_path / "new" / "file"
    files.create(path, "\udcff\n")
    assert path.read_bytes() == b"\xff\n"
    assert files.read(path) == "\udcff\n"
    files.replace(path, "x")
    assert path.read_bytes() == b"x"
    path.write_bytes(b"x" * (MAX_BYTES + 1))
    with pytest.raises(PlannerError, match="too large"):
        files.read(path)
    with pytest.raises(PlannerError, match="exists"):
        files.create(path, "")
    with pytest.raises(PlannerError, match="cannot be written"):
        files.create(path / "below", "")
