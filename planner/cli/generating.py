"""`planner generate`: a statement from options or from a conversation, printed or put in a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from planner.cli import machine
from planner.cli.output import notice, say, tell_origins
from planner.cli.warnings import warn_of_settings
from planner.cli.wiring import Wiring
from planner.config.settings import Flags, name_of
from planner.errors import InterruptedRunError, UsageError
from planner.generate.answers import (
    Given,
    Prompt,
    agrees,
    ask_answers,
    ask_policy_type,
    check_answers,
    choose,
)
from planner.generate.policy_types import (
    POLICY_TYPES,
    PartialRegistry,
    make_statement,
    policy_type_named,
    preview,
)
from planner.policy.document import Statement, named_registry, statement_json
from planner.policy.edit import add_statement, has_statement
from planner.policy.parse import ParsedPolicy, find_problems
from planner.policy.syntax import JSON
from planner.policy.tree import node_of
from planner.stores.files import write_atomically
from planner.text import clean


def generate(name: str, given: Given, flags: Flags, *, replace: bool) -> None:
    """Makes the statement that the options ask for, and prints it or adds it to a file.

    `flags.policy` is the file of `--into`, empty to print.
    """
    policy_type = policy_type_named(name)
    if not flags.policy and replace:
        raise UsageError("--replace has no file.", "It replaces a statement of --into FILE.")
    if flags.policy == (Path("-"),):
        raise UsageError("--into wants a file, not standard input.", "", "Name the policy file.")
    wiring = Wiring(flags)
    warn_of_settings(wiring)
    if flags.policy and len(wiring.policy) > 1:
        raise UsageError("--into names several files.", "", "Name one of them.")
    target = known_target(wiring)
    statement = make_statement(policy_type, check_answers(policy_type, given, target), target)
    notice("\n".join(preview(policy_type, statement, target)))
    if not flags.policy:
        _print_statement(statement)
    else:
        _add_to_file(wiring, wiring.first_policy, statement, target, may_replace=replace)


def converse(flags: Flags, prompt: Prompt) -> None:
    """Asks for a statement as the console does, prints it, and offers to add it to the file."""
    wiring = Wiring(flags)
    warn_of_settings(wiring)
    target = known_target(wiring)
    policy_type = ask_policy_type(prompt)
    statement = make_statement(policy_type, ask_answers(policy_type, target, prompt), target)
    notice("\n" + "\n".join(preview(policy_type, statement, target)) + "\n")
    _print_statement(statement)
    path = _chosen(wiring.standing or (wiring.first_policy,), prompt)
    if path is None:
        return
    data = _content(wiring, path)
    is_there = data is not None and has_statement(data, statement.sid, name_of(path))
    if is_there and not agrees("It has a statement with this Sid. Replace that one?", prompt):
        return
    _add_to_file(wiring, path, statement, target, may_replace=is_there)


def _chosen(paths: Sequence[Path], prompt: Prompt) -> Path | None:
    """The policy file that the statement is to be added to, None for none."""
    names = [name_of(each) for each in paths]
    if len(paths) == 1:
        return paths[0] if agrees(f"Add it to {names[0]}?", prompt) else None
    number = choose("Add it to a policy file", names, prompt)
    return None if number is None else paths[number]


def _print_statement(statement: Statement) -> None:
    say(JSON.write(node_of(statement_json(statement))), end="")


def _content(wiring: Wiring, path: Path) -> bytes | None:
    """A policy file; None where there is none yet."""
    return wiring.read_policy(path) if os.path.lexists(path) else None


def known_target(wiring: Wiring) -> PartialRegistry:
    """The registry that the policy files are for, as far as `config.target` finds it."""
    parsed = [find_problems(wiring.read_policy(each), name_of(each)) for each in wiring.standing]
    policies = [each.policy for each in parsed if isinstance(each, ParsedPolicy)]
    target = wiring.target(named_registry(policies))
    tell_origins(target)
    return PartialRegistry(**target.known)


def ask_on_terminal(question: str) -> str:
    """Asks on standard error, so that standard output holds the statement alone."""
    notice(question, end="")
    reply = sys.stdin.readline()
    if not reply:
        raise InterruptedRunError("The answers have ended.", "", "Nothing was changed.")
    return reply


def _add_to_file(
    wiring: Wiring,
    path: Path,
    statement: Statement,
    target: PartialRegistry,
    *,
    may_replace: bool,
) -> None:
    name, data = name_of(path), _content(wiring, path)
    edited = add_statement(data, statement, name, target.known, may_replace=may_replace)
    write_atomically(path, edited.data, "policy file")
    verb = "Replaced" if edited.replaced else "Added"
    say(clean(f"{verb} the statement {statement.sid} in {name}."))


def refuse_without_terminal() -> None:
    """Raises UsageError where nobody can be asked."""
    names = ", ".join(each.name for each in POLICY_TYPES)
    hint = "`planner generate TYPE --help` lists what each takes."
    machine.refuse_without_terminal(f"The policy types are {names}.", hint)
