"""`{{name}}` in a policy file, filled while the file is parsed.

Only strings are filled, so a value can never change the structure of the document. IAM's
own policy variables (`${aws:...}`) are another syntax and stay as they are.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping

from planner.errors import PlannerError, UsageError

BUILT_IN = ("account_id", "region", "partition")
"""The names that the registry itself gives a value to."""

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")


class Placeholders:
    """Fills strings from `values` and remembers which names were used.

    A name in `later` is known but has no value yet; its placeholder is left standing.
    """

    def __init__(self, values: Mapping[str, str], later: tuple[str, ...] = ()) -> None:
        self._values = values
        self._later = later
        self.used: set[str] = set()

    def fill(self, text: str) -> tuple[str, str]:
        """The filled text, and a message naming what cannot be filled (or `""`)."""
        if "{{" not in text:
            return text, ""
        messages: list[str] = []

        def value_of(match: re.Match[str]) -> str:
            name = match.group(1).strip()
            self.used.add(name)
            if name in self._values:
                return self._values[name]
            if name not in self._later:
                messages.append(self._unknown(name))
            return match.group()

        filled = _PLACEHOLDER.sub(value_of, text)
        if "{{" in _PLACEHOLDER.sub("", text):
            messages.append("a placeholder is opened by '{{' but not closed by '}}'")
        return filled, "; ".join(messages)

    def _unknown(self, name: str) -> str:
        if not NAME.fullmatch(name):
            return f"'{{{{{name}}}}}' is no placeholder: a name has letters, digits and '_' only"
        near = difflib.get_close_matches(name, [*self._values, *self._later], n=1)
        close = f"; did you mean '{near[0]}'?" if near else ""
        return f"nothing gives a value to '{{{{{name}}}}}', neither --var nor [vars]{close}"


def sample(text: str, values: Mapping[str, str]) -> str:
    """The text as it may look once it is filled, to judge the form and the size of the rest.

    A name without a value gets twelve digits, which pass for an account id and in most names.
    """
    return _PLACEHOLDER.sub(lambda match: values.get(match.group(1).strip(), "0" * 12), text)


def parse_assignments(assignments: Iterable[str]) -> dict[str, str]:
    """`NAME=VALUE` words, as `--var` takes them, to a mapping.

    Raises UsageError for a word without `=` and for a name that is none, twice or built in.
    """
    values: dict[str, str] = {}
    for word in assignments:
        name, equals, value = word.partition("=")
        if not equals or not NAME.fullmatch(name):
            raise UsageError(
                f"--var {word} is not NAME=VALUE.",
                "A name has letters, digits and '_' only, and '=' follows it directly.",
                "For example: --var source_account=111122223333",
            )
        if name in values:
            raise UsageError(f"--var {name} is given twice.", hint="Give each variable one value.")
        values[name] = value
    try:
        refuse_built_in(values, "--var")
    except PlannerError as error:
        raise UsageError(error.summary, error.detail, error.hint) from None
    return values


def refuse_built_in(values: Mapping[str, object], where: str) -> None:
    """Raises PlannerError if `values` redefine a name that the registry gives a value to."""
    for name in BUILT_IN:
        if name in values:
            raise PlannerError(
                f"{where} cannot set '{name}'.",
                f"'{name}' always says which registry the plan is for.",
                "Choose another name for your variable.",
            )
