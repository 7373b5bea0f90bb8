"""`planner generate`: answers from options or from a conversation, and the file they go to."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence

from planner.cli.output import notice, say
from planner.cli.project import Flags, Project
from planner.cli.standing import warn_of_settings
from planner.errors import InterruptedRunError, UsageError
from planner.generate.policy_types import (
    ACCOUNTS,
    ORGANIZATION,
    POLICY_TYPES,
    Answers,
    Field,
    PartialRegistry,
    PolicyType,
    make_statement,
    preview,
)
from planner.lint.rules.document import SIZE_HINT
from planner.policy.canonical import canonicalise
from planner.policy.document import Statement, named_registry, statement_json
from planner.policy.ecr_rules import size_refusal
from planner.policy.edit import insert_statement, new_policy
from planner.policy.json_text import Problem
from planner.policy.parse import ParsedPolicy, find_problems, invalid_policy, parse_policy
from planner.policy.placeholders import sample
from planner.registry import Registry, partition_of
from planner.stores.files import read_bounded, write_atomically
from planner.text import clean, word

_TYPICAL = {"partition": "aws", "region": "us-east-1"}
"""The shortest that a partition and a Region are, to find a policy too large only if it is."""

Given = Mapping[str, Sequence[str] | str | None]
Ask = Callable[[str], str]


def generate(name: str, given: Given, flags: Flags, *, replace: bool) -> None:
    """Makes the statement that the options ask for, and prints it or adds it to a file.

    `flags.policy` is the file of `--into`, None to print.
    """
    kind = next(each for each in POLICY_TYPES if each.name == name)
    if flags.policy is None and replace:
        raise UsageError("--replace has no file.", "It replaces a statement of --into FILE.")
    if str(flags.policy) == "-":
        raise UsageError("--into wants a file, not standard input.", "", "Name the policy file.")
    project = Project(flags)
    warn_of_settings(project)
    data = read_policy_file(project)
    target = known_target(project, data)
    statement = make_statement(kind, check_answers(kind, given, target), target)
    notice("\n".join(preview(kind, statement, target)))
    if flags.policy is None:
        say(statement_text(statement))
    else:
        add_to_file(project, data, statement, target, may_replace=replace)


def converse(flags: Flags, ask: Ask) -> None:
    """Asks for a statement as the console does, prints it, and offers to add it to the file."""
    project = Project(flags)
    warn_of_settings(project)
    data = read_policy_file(project)
    target = known_target(project, data)
    kind, answers = ask_all(target, ask)
    statement = make_statement(kind, answers, target)
    notice("\n" + "\n".join(preview(kind, statement, target)) + "\n")
    say(statement_text(statement))
    if not _agrees(f"Add it to {project.policy_name}?", ask):
        return
    is_there = data is not None and _has(data, statement.sid)
    if is_there and not _agrees("It has a statement with this Sid. Replace that one?", ask):
        return
    add_to_file(project, data, statement, target, may_replace=is_there)


def statement_text(statement: Statement) -> str:
    """The statement alone, as JSON."""
    return json.dumps(statement_json(statement), indent=2, ensure_ascii=False)


def read_policy_file(project: Project) -> bytes | None:
    """The policy file; None where there is none yet."""
    path = project.policy_path
    is_missing = not path.exists() and not path.is_symlink()
    return None if is_missing else read_bounded(path, "policy file")


def known_target(project: Project, data: bytes | None) -> PartialRegistry:
    """The registry that the settings name, or else that the policy file's resources name."""
    parsed = find_problems(data) if data is not None else None
    named = named_registry([parsed.policy]) if isinstance(parsed, ParsedPolicy) else None
    if project.region is None and named is None:
        return (
            PartialRegistry(account_id=project.account_id)
            if project.account_id
            else PartialRegistry()
        )
    region = project.region or (named.region if named else "")
    account_id = project.account_id or (named.account_id if named else None)
    if account_id is None:
        return PartialRegistry(partition_of(region), region=region)
    registry = Registry(partition_of(region), account_id, region)
    return PartialRegistry(registry.partition, registry.account_id, registry.region)


def check_answers(kind: PolicyType, given: Given, target: PartialRegistry) -> Answers:
    """The answers in the options, each checked. Raises UsageError for the first that is wrong."""
    answers: dict[str, tuple[str, ...]] = {}
    for field in kind.fields:
        values = _split(field, given.get(field.name))
        if values:
            answers[field.name] = values
        elif given.get(field.name) not in (None, []):
            raise UsageError(f"--{field.name} is empty.", "", "Leave it out, or give it a value.")
        elif field.is_needed(answers):
            other = f" or --{ORGANIZATION.name}" if ORGANIZATION in kind.fields else ""
            option = f"--{field.name}" + (other if field is ACCOUNTS else "")
            hint = f"`planner generate {kind.name} --help` lists what it takes."
            raise UsageError(f"Missing option {option}.", "", hint)
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


def ask_all(target: PartialRegistry, ask: Ask) -> tuple[PolicyType, Answers]:
    """Asks for the policy type and for each of its fields, again where an answer is wrong."""
    notice("Policy type")
    for number, each in enumerate(POLICY_TYPES, 1):
        notice(f"  {number}  {each.title}")
    while True:
        reply = ask(f"1 to {len(POLICY_TYPES)}: ").strip()
        chosen = [each for at, each in enumerate(POLICY_TYPES, 1) if reply in (str(at), each.name)]
        if chosen:
            break
        notice(f"  {word(reply)} is none of them.")
    answers: dict[str, tuple[str, ...]] = {}
    for field in chosen[0].fields:
        if field is ACCOUNTS and not field.is_needed(answers):
            continue
        if values := _ask_field(field, target, ask):
            answers[field.name] = values
    return chosen[0], answers


def _ask_field(field: Field, target: PartialRegistry, ask: Ask) -> tuple[str, ...]:
    while True:
        values = tuple(field.split(ask(f"{field.question}: ")))
        reasons = [reason for value in values if (reason := field.refusal(value, target))]
        if not values and field.needed:
            reasons = ["This one is needed"]
        if not reasons:
            return values
        for reason in reasons:
            notice(f"  {reason}.")


def _agrees(question: str, ask: Ask) -> bool:
    return ask(f"{question} (yes/no): ").strip().lower() in ("y", "yes")


def ask_on_terminal(question: str) -> str:
    """Asks on standard error, so that standard output holds the statement alone."""
    sys.stderr.write(question)
    sys.stderr.flush()
    reply = sys.stdin.readline()
    if not reply:
        raise InterruptedRunError("The answers have ended.", "", "Nothing was changed.")
    return reply


def add_to_file(
    project: Project,
    data: bytes | None,
    statement: Statement,
    target: PartialRegistry,
    *,
    may_replace: bool,
) -> None:
    """Adds the statement to the policy file, or makes the file."""
    name = project.policy_name
    if data is None:
        changed = new_policy(statement).encode()
    else:
        changed = insert_statement(data, statement, name, may_replace=may_replace)
    _check_size(changed, name, target)
    write_atomically(project.policy_path, changed, "policy file")
    verb = "Replaced" if data is not None and _has(data, statement.sid) else "Added"
    say(clean(f"{verb} the statement {statement.sid} in {name}."))


def _has(data: bytes, sid: str | None) -> bool:
    parsed = find_problems(data)
    statements = parsed.policy.statements if isinstance(parsed, ParsedPolicy) else ()
    return any(each.sid == sid for each in statements)


def _check_size(data: bytes, name: str, target: PartialRegistry) -> None:
    values = {**_TYPICAL, **target.known}
    parsed = parse_policy(data, name, fill=lambda text: (sample(text, values), ""))
    if too_large := size_refusal(canonicalise(parsed.policy, values["partition"])):
        problem = Problem("policy-size", too_large, SIZE_HINT, "", parsed.place(""))
        raise invalid_policy(name, [problem])


def refuse_without_terminal() -> None:
    """Raises UsageError where nobody can be asked."""
    if not sys.stdin.isatty():
        kinds = ", ".join(each.name for each in POLICY_TYPES)
        raise UsageError(
            "Nobody can be asked: standard input is no terminal.",
            f"The policy types are {kinds}.",
            "`planner generate TYPE --help` lists what each takes.",
        )
