"""A decision about one request as text for people."""

from __future__ import annotations

from collections.abc import Sequence

from planner.policy.document import JsonObject
from planner.render.interface import Look, View
from planner.render.text.terminal import Line, Style, line
from planner.render.words import UNDER_V2, place_text, recorded_text
from planner.text import clean, counted, word

_OUTCOMES: dict[str, tuple[Style, str]] = {
    "allowed": ("add", "Allowed"),
    "denied": ("remove", "Denied"),
    "not said": ("remove", "Not said here"),
    "unknown": ("warn", "Not known"),
    "depends": ("warn", "It depends"),
}
_SHOWN = 5
"""So many statements that nearly allow a request are told, and so many actions of a word."""
_SHOWN_OF_WORD = 2
"""So many of these statements for each action of a word."""


def lines(view: View, _look: Look) -> list[Line]:
    """The answer, the statements that decide or what is missing, and what it comes to."""
    document = view.document
    style, answer = _OUTCOMES[document["outcome"]]
    actions = document["actions"]
    if len(actions) == 1:
        (only,) = actions
        found = [line((style, answer), f"{_why(only)}."), *_details(only, _SHOWN)]
    else:
        said = f": {word(document['asked'])} takes {_some(actions)}."
        found = [line((style, answer), said), *_by_action(actions)]
    found += [line(each) for each in _meanings(document)]
    if document["outcome"] == "depends":
        found.append(line("Say what is known: --context KEY=VALUE, or --without KEY."))
    if document["assumes_v2"]:
        found.append(line(UNDER_V2))
    if told := document["recorded"]:
        found.append(line(recorded_text(told, told["as_of"])))
    return found


def _by_action(actions: Sequence[JsonObject]) -> list[Line]:
    """The outcome of each action, those together of which the same is to be said."""
    groups: dict[tuple[object, ...], list[JsonObject]] = {}
    for each in sorted(actions, key=lambda each: each["outcome"] == "allowed"):
        told = (each["outcome"], _why(each), *_details(each, _SHOWN_OF_WORD))
        groups.setdefault(told, []).append(each)
    found: list[Line] = []
    for group in list(groups.values())[:_SHOWN]:
        style, answer = _OUTCOMES[group[0]["outcome"]]
        found.append(line(f"  {_some(group)}: ", (style, answer.lower()), _why(group[0])))
        found += [line("  ", *each) for each in _details(group[0], _SHOWN_OF_WORD)]
    if len(groups) > _SHOWN:
        left = sum(map(len, list(groups.values())[_SHOWN:]))
        found.append(line(f"  and {counted(left, 'more action')}"))
    return found


def _some(actions: Sequence[JsonObject]) -> str:
    """The names of actions, many of them counted."""
    names = [clean(each["action"]) for each in actions]
    most = len(names) if len(names) <= _SHOWN + 1 else _SHOWN
    return ", ".join([*names[:most], *([f"{len(names) - most} more"] if names[most:] else [])])


def _meanings(document: JsonObject) -> list[str]:
    """What the outcome comes to, or each of those that it may be."""
    if document["outcome"] != "depends":
        return [clean(document["meaning"])] if document["meaning"] else []
    found: dict[str, None] = {}
    for action in document["actions"]:
        for example in action["examples"]:
            if example["meaning"]:
                _, answer = _OUTCOMES[example["outcome"]]
                said = clean(example["meaning"])
                said = said.replace("That", "that", 1) if said.startswith("That") else said
                found[f"{answer}: {said}"] = None
    return list(found)


def _why(action: JsonObject) -> str:
    """What follows the outcome in its sentence."""
    outcome, deciding = action["outcome"], action["deciding"]
    if outcome == "depends":
        return f" on {_listed(action['not_given'])}, which {_was(action['not_given'])} not given"
    if outcome == "unknown":
        because = f" because of {_all_named(deciding)}" if deciding else ""
        return f"{because}: {'; '.join(map(clean, action['reasons']))}"
    if deciding:
        return f" by {_all_named(deciding)}"
    if not action["in_scope"]:
        return f": under scope V1 the policy does not speak of {clean(action['action'])}"
    if own := action["of_account"]:
        return f": {_all_named(own)} allows it to this account, whose IAM decides"
    return ": no statement allows it"


def _details(action: JsonObject, most: int) -> list[Line]:
    """What is missing, or what the answer is with what was not given and without."""
    if action["outcome"] == "depends":
        return [_example(each) for each in action["examples"]]
    near = action["near"] if action["outcome"] == "not said" and not action["of_account"] else []
    found = [
        line(f"  {_named(each)} does not match: {', '.join(map(clean, each['missing']))}")
        for each in near[:most]
    ]
    if len(near) > most:
        found.append(line(f"  and {len(near) - most} more"))
    return found


def _example(example: JsonObject) -> Line:
    context = example["context"]
    given = [
        f"{clean(key)} = {' and '.join(map(word, values))}"
        for key, values in context.items()
        if values
    ]
    absent = [clean(key) for key, values in context.items() if not values]
    parts = [f"with {' and '.join(given)}"] if given else []
    parts += [f"without {' and '.join(absent)}"] if absent else []
    style, answer = _OUTCOMES[example["outcome"]]
    because = "because of" if example["outcome"] == "unknown" else "by"
    by = f" {because} {_all_named(example['deciding'])}" if example["deciding"] else ""
    return line(f"  {', '.join(parts)}: ", (style, answer.lower()), by)


def _listed(keys: Sequence[str]) -> str:
    return " and ".join(map(clean, keys))


def _was(keys: Sequence[str]) -> str:
    return "was" if len(keys) == 1 else "were"


def _all_named(statements: Sequence[JsonObject]) -> str:
    return ", ".join(map(_named, statements))


def _named(statement: JsonObject) -> str:
    return f"{clean(statement['name'])} ({place_text(statement)})"
