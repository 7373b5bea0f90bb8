"""The answers that a statement is made from: taken from options, or asked for one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from planner.errors import UsageError
from planner.generate.policy_types import (
    ACCOUNTS,
    ORGANIZATION,
    POLICY_TYPES,
    Answers,
    Field,
    PartialRegistry,
    PolicyType,
)
from planner.text import word

Given = Mapping[str, Sequence[str] | str | None]
"""The values of options by their names; None and empty for what is not given."""

Prompt = Callable[[str], str]
"""Shows a text that ends in a question, and gives the line that is typed."""


def check_answers(policy_type: PolicyType, given: Given, target: PartialRegistry) -> Answers:
    """The answers in the options, each checked. Raises UsageError for the first that is wrong."""
    answers: dict[str, tuple[str, ...]] = {}
    for field in policy_type.fields:
        values = _split(field, given.get(field.name))
        if values:
            answers[field.name] = values
        elif given.get(field.name) not in (None, []):
            raise UsageError(f"--{field.name} is empty.", "", "Leave it out, or give it a value.")
        elif field.is_needed(answers):
            raise _missing(policy_type, field)
        for value in values:
            if reason := field.refusal(value, target):
                raise UsageError(f"--{field.name}: {reason}.")
    if ORGANIZATION.name in answers and ACCOUNTS.name in answers:
        raise UsageError(
            "--organization and --account are both given.",
            "A statement is for the one or for the others.",
            "Make two statements.",
        )
    return answers


def _split(field: Field, given: Sequence[str] | str | None) -> tuple[str, ...]:
    texts = [given] if isinstance(given, str) else given or []
    return tuple(value for text in texts for value in field.split(text))


def _missing(policy_type: PolicyType, field: Field) -> UsageError:
    other = f" or --{ORGANIZATION.name}" if ORGANIZATION in policy_type.fields else ""
    option = f"--{field.name}" + (other if field is ACCOUNTS else "")
    hint = f"`planner generate {policy_type.name} --help` lists what it takes."
    return UsageError(f"Missing option {option}.", "", hint)


def ask_policy_type(prompt: Prompt) -> PolicyType:
    """Asks for a policy type, by its number or its name, until there is one."""
    numbered = {str(number): each for number, each in enumerate(POLICY_TYPES, 1)}
    named = {each.name: each for each in POLICY_TYPES}
    lines = ["Policy type", *(f"  {number}  {each.title}" for number, each in numbered.items())]
    while True:
        reply = prompt("\n".join([*lines, f"1 to {len(POLICY_TYPES)}: "])).strip()
        if chosen := (numbered | named).get(reply):
            return chosen
        lines = [f"  {word(reply)} is none of them."]


def ask_answers(policy_type: PolicyType, target: PartialRegistry, prompt: Prompt) -> Answers:
    """Asks for each field of a policy type, again where an answer is wrong."""
    answers: dict[str, tuple[str, ...]] = {}
    for field in policy_type.fields:
        if field is ACCOUNTS and not field.is_needed(answers):
            continue
        if values := _ask_field(field, target, prompt):
            answers[field.name] = values
    return answers


def _ask_field(field: Field, target: PartialRegistry, prompt: Prompt) -> tuple[str, ...]:
    reasons: list[str] = []
    while True:
        lines = [*(f"  {reason}." for reason in reasons), f"{field.question}: "]
        values = tuple(field.split(prompt("\n".join(lines))))
        reasons = [reason for value in values if (reason := field.refusal(value, target))]
        if not values and field.needed:
            reasons = ["This one is needed"]
        if not reasons:
            return values


def choose(question: str, names: Sequence[str], prompt: Prompt) -> int | None:
    """Asks which of several it is, by number from 1; its place, None for an empty answer."""
    numbers = [str(number) for number in range(1, len(names) + 1)]
    lines = [question, *(f"  {each}  {name}" for each, name in zip(numbers, names, strict=True))]
    while True:
        reply = prompt("\n".join([*lines, f"1 to {len(names)}, or nothing for none: "])).strip()
        if not reply or reply in numbers:
            return numbers.index(reply) if reply else None
        lines = [f"  {word(reply)} is none of them."]


def agrees(question: str, prompt: Prompt) -> bool:
    """Whether a question is answered by yes."""
    return prompt(f"{question} (yes/no): ").strip().lower() in ("y", "yes")
