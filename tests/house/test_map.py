"""The map of the house in docs/ and CONTRIBUTING.md shows what is there."""

from __future__ import annotations

import re
from graphlib import CycleError
from pathlib import Path

import pytest

from tests.support.paths import PACKAGE, ROOT
from tests.tools.draw_architecture import page, reduced

ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
PATH = re.compile(r"(?<![\w./-])(?:planner|tests|docs|examples)/[\w./-]*\b/?")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_picture_is_what_the_imports_draw() -> None:
    """`make architecture` draws it anew."""
    assert page(ARCHITECTURE) == ARCHITECTURE


def test_what_comes_by_way_of_another_room_is_left_out() -> None:
    house = {"cli": {"plans", "policy"}, "plans": {"policy"}, "policy": set()}
    assert reduced(house) == {"cli": {"plans"}, "plans": {"policy"}, "policy": set()}
    with pytest.raises(CycleError):
        reduced({"plans": {"policy"}, "policy": {"plans"}})


def sections() -> dict[str, str]:
    rooms = ARCHITECTURE.partition("## The rooms")[2].partition("\n## ")[0]
    return dict(re.findall(r"^### (\w+)\n(.*?)(?=^### |\Z)", rooms, re.MULTILINE | re.DOTALL))


def test_each_room_has_a_paragraph() -> None:
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert set(sections()) == {*packages, "ground", "ports"}


def named_paths() -> set[str]:
    """Every file and folder that a page names, and every module of a room's paragraph."""
    found = set(PATH.findall(pages_text()))
    for room, text in sections().items():
        for name in re.findall(r"`([a-z_0-9]+)`", text):
            folder = PACKAGE if room == "ground" else PACKAGE / room
            path = folder / name if (folder / name).is_dir() else folder / f"{name}.py"
            found.add(str(path.relative_to(ROOT)))
    return found


def pages_text() -> str:
    return "\n".join(page.read_text("utf-8") for page in PAGES)


def test_every_path_is_there() -> None:
    assert not [path for path in named_paths() if not (ROOT / path).exists()]


def test_the_code_shown_is_in_the_house() -> None:
    sources = "".join(path.read_text("utf-8") for path in PACKAGE.rglob("*.py"))
    shown = re.findall(r"^ *```python\n(.*?)^ *```$", pages_text(), re.MULTILINE | re.DOTALL)
    assert shown
    for block in shown:
        assert block.strip() in sources


def anchors(page: Path) -> set[str]:
    """The anchors that a heading has on GitHub."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_link_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text("utf-8")):
        if target.startswith("https://"):
            continue
        file, _, anchor = target.partition("#")
        other = path.parent / file if file else path
        assert other.exists(), target
        assert not anchor or anchor in anchors(other), target


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 250
