"""Options that take one value and are given twice: nobody is to guess which one counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from planner.errors import UsageError


def refuse_repeated(command: Any, arguments: Sequence[str]) -> None:
    """Raises UsageError where an option of the command that is called has two values.

    `command` is the group of all commands. What is wrong in another way is left to the parser.
    """
    words = list(arguments)
    while hasattr(command, "get_command"):
        named = next((word for word in words if not word.startswith("-")), None)
        if named is None:
            return
        words = words[words.index(named) + 1 :]
        command = command.get_command(None, named)
    seen: set[str] = set()
    for name in _valued(command, words):
        if name in seen:
            raise UsageError(
                f"{name} is given twice.", "It takes one value.", "Leave one of them out."
            )
        seen.add(name)


def _valued(command: Any, words: Sequence[str]) -> Iterator[str]:
    """The options with a value that stand in the words, but those that may be repeated."""
    options = {
        name: each
        for each in getattr(command, "params", ())
        if each.param_type_name == "option" and not each.is_flag
        for name in each.opts
    }
    rest = iter(words)
    for word in rest:
        if word == "--":
            return
        name, equals, _ = word.partition("=")
        option = options.get(name)
        if option is None:
            continue
        if not equals:
            next(rest, None)
        if not option.multiple:
            yield name
