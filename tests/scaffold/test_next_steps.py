"""What `planner init` tells to do next."""

from __future__ import annotations

from pathlib import Path

from planner.generate.policy_types import PartialRegistry
from planner.scaffold.project import CI_FILES, Layout, Start, next_steps, texts

LAYOUT = Layout(Path("p"), Path("p/policy.json"), tuple(CI_FILES))
START = Start(PartialRegistry())


def test_every_file_of_the_layout_has_a_text() -> None:
    assert tuple(texts(LAYOUT, START)) == LAYOUT.files
    assert all(texts(LAYOUT, START).values())
    assert texts(LAYOUT, Start(PartialRegistry(), "live"))[LAYOUT.policy] == "live"


def test_a_variable_is_asked_for_only_where_the_template_was_written() -> None:
    edit = "edit planner.toml: give source_account a value under [vars]"
    live = Start(PartialRegistry(), "live")
    assert edit in next_steps(LAYOUT, START, LAYOUT.files, is_here=True)
    assert edit not in next_steps(LAYOUT, live, LAYOUT.files, is_here=True)
    assert edit not in next_steps(LAYOUT, START, (LAYOUT.settings,), is_here=True)


def test_the_folder_and_the_ci_files_are_named() -> None:
    plain = Layout(Path("p"), Path("p/policy.json"))
    assert next_steps(plain, START, (), is_here=False) == [
        "cd p",
        "planner plan --out plan.json",
        "planner apply plan.json",
    ]
    assert next_steps(LAYOUT, START, (), is_here=True)[-1] == (
        "read the top of p/.github/workflows/registry-policy.yml, p/.gitlab-ci.yml: "
        "roles, approval, and where planner is installed from"
    )
