"""Draws which room of the house imports which, into docs/architecture.md.

A room is a package of planner; the few modules beside the packages are the ground, but for
`ports`. What a room imports by way of another one is left out.
"""

from __future__ import annotations

from graphlib import TopologicalSorter
from pathlib import Path

from tests.support.paths import PACKAGE, ROOT
from tests.support.source import imports_of

PAGE = ROOT / "docs" / "architecture.md"
BEGIN = "<!-- picture: `make architecture` draws it from the imports -->\n"
END = "<!-- end of picture -->\n"
GROUND = "ground"
OUTSIDE = ("aws", "stores", "sandbox", "workflow", "cli")
"""The rooms above the line, where the world outside is."""

House = dict[str, set[str]]
"""Each room with the rooms that it imports."""


def room_of(parts: list[str]) -> str:
    """The room of a module, given by its names below the package."""
    if parts and ((PACKAGE / parts[0]).is_dir() or parts[0] == "ports"):
        return parts[0]
    return GROUND


def rooms() -> House:
    """The house as its modules' imports make it."""
    house: House = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.name == "__main__.py":
            continue
        room = room_of(list(path.relative_to(PACKAGE).with_suffix("").parts))
        names = [name.split(".") for name in imports_of(path)]
        needs = {room_of(rest) for first, *rest in names if first == PACKAGE.name}
        house.setdefault(room, set()).update(needs - {room})
    return house


def reduced(house: House) -> House:
    """The house without what a room imports by way of another. Raises CycleError for a circle."""
    below: House = {}
    for room in TopologicalSorter(house).static_order():
        below[room] = set().union(*({each, *below[each]} for each in house[room]))
    return {
        room: {each for each in needs if not any(each in below[other] for other in needs)}
        for room, needs in house.items()
    }


def draw(house: House) -> str:
    """A Mermaid block with an arrow from each room to what it imports."""
    order = sorted(house, key=lambda room: (room in OUTSIDE, room))
    lines = ["flowchart TD"]
    lines += [f'    {room}(["{room}"])' if room in OUTSIDE else f"    {room}" for room in order]
    lines += [f"    {room} --> {each}" for room in order for each in sorted(house[room])]
    return "```mermaid\n" + "\n".join(lines) + "\n```\n"


def page(text: str) -> str:
    """The text of a page with the picture between its marks as it is now."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}{draw(reduced(rooms()))}{END}{tail}"


def write(path: Path = PAGE) -> None:
    """Draws the picture into its page."""
    path.write_text(page(path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    write()
