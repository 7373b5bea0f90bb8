"""What the access commands do: a policy from its place to an answer."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from planner.access.api import Request, Row, compare, evaluate, grants, parse_caller
from planner.access.request import is_meant
from planner.automata.pattern import overlap
from planner.cli.output import print_lines, say
from planner.cli.project import Project, built_in_values
from planner.errors import PlannerError, UsageError
from planner.policy.action import ecr_actions, parse_action
from planner.policy.document import JsonObject, Policy, Principal, named_registry
from planner.policy.ecr_rules import action_refusal, statement_name
from planner.policy.parse import ParsedPolicy, parse_policy
from planner.policy.placeholders import BUILT_IN, Placeholders, parse_assignments
from planner.policy.principal import principal_named
from planner.policy.resource import parse_resource, repository_prefix
from planner.registry import Registry
from planner.render.text.access import ACROSS, access_lines, grants_table
from planner.render.text.decision import decision_lines
from planner.render.text.terminal import Line, line
from planner.stores.files import read_bounded
from planner.text import clean, fold


@dataclass(frozen=True, slots=True)
class Loaded:
    """A policy with its places, its name, and the registry it is for where that is known."""

    parsed: ParsedPolicy | None
    name: str
    registry: Registry | None

    @property
    def policy(self) -> Policy | None:
        """The policy, or None where the registry has none."""
        return self.parsed.policy if self.parsed else None


def load(project: Project, *, live: bool) -> Loaded:
    """The policy in ECR, or the project's policy file with its placeholders filled."""
    if live:
        api = project.ecr()
        registry = api.caller().registry
        text = api.read()
        parsed = None if text is None else parse_policy(text, "the live policy")
        return Loaded(parsed, "the live policy", registry)
    data = read_bounded(project.policy_path, "policy file")
    draft = parse_policy(data, project.policy_name, fill=project.placeholders({}, BUILT_IN).fill)
    known = project.known_registry([draft.policy])
    values, later = (built_in_values(known), ()) if known else ({}, BUILT_IN)
    fill = project.placeholders(values, later).fill
    return Loaded(parse_policy(data, project.policy_name, fill=fill), project.policy_name, known)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which rows to show; None shows all."""

    principal: str | None = None
    action: str | None = None
    repository: str | None = None

    def admits(self, row: Row, registry: Registry | None) -> bool:
        """Whether the row speaks of the principal, the action and the repository."""
        if self.principal is not None and not _speaks_of(row, self.principal, registry):
            return False
        if self.action is not None and not any(
            overlap(fold(self.action), fold(each)) for each in row.actions
        ):
            return False
        if self.repository is None:
            return True
        return overlap(resource_named(self.repository, registry), row.resource)


def _speaks_of(row: Row, who: str, registry: Registry | None) -> bool:
    caller = parse_caller(who, registry.partition if registry else None)
    if row.principal.id in ("*", who) or row.witness.principal == caller:
        return True
    named = principal_named(row.principal.id)
    within = caller.kind == "account" and named.account == caller.account
    return within or is_meant(Principal(((named.type, (named,)),)), caller) is True


def resource_named(text: str, registry: Registry | None) -> str:
    """The ARN of a repository: from a bare name in the registry, `repository/x`, an ARN or `*`."""
    if text == "*" or text.startswith("arn:"):
        if malformed := parse_resource(text).malformed:
            raise UsageError(f"{malformed}.", "", "As in arn:aws:ecr:REGION:ACCOUNT:repository/x.")
        return text
    if registry is None:
        raise PlannerError(
            f"planner does not know which registry '{text}' is in.",
            "Neither the settings nor the resources in the policy name one.",
            "Give the ARN of the repository, or --account-id ID and --region REGION.",
        )
    return repository_prefix(registry) + text.removeprefix("repository/")


def print_access(
    loaded: Loaded,
    filters: Filters,
    output: str,
    accounts: Mapping[str, str],
    *,
    no_color: bool,
) -> None:
    """Prints the table of what a policy allows."""
    found = grants(loaded.policy, loaded.registry)
    kept = [row for row in found.gained if filters.admits(row, loaded.registry)]
    rows = [each.to_json() for each in kept]
    unknown = [each.to_json() for each in found.unknown]
    if output == "json":
        registry = loaded.registry.to_json() if loaded.registry else None
        say(json.dumps({"registry": registry, "access": rows, "unknown": unknown}, indent=2))
    elif output == "csv":
        say(_csv(rows), end="")
    elif output == "markdown":
        print_lines(_table(loaded, rows, unknown, accounts, form="pipe"), no_color=True)
    else:
        print_lines(_table(loaded, rows, unknown, accounts), no_color=no_color)


def _table(
    loaded: Loaded,
    rows: Sequence[JsonObject],
    unknown: Sequence[JsonObject],
    accounts: Mapping[str, str],
    form: str = "simple",
) -> list[Line]:
    if not rows and not unknown:
        return [line("Nobody: no statement allows anything that is asked for.")]
    view = {"verdict": "", "gained": [], "lost": [], "unknown": list(unknown)}
    lines = [line(each) for each in grants_table(rows, loaded.registry, accounts, form=form)]
    lines = lines if rows else []
    if any(row["cross_account"] for row in rows):
        lines += [line(), line(("dim", ACROSS))]
    return [*lines, *([line()] if unknown else []), *access_lines(view)[:-1]]


_COLUMNS = ("kind", "principal", "actions", "resource", "condition", "public", "cross_account")


def _csv(rows: Sequence[JsonObject]) -> str:
    """Rows for a spreadsheet. A cell never begins like a formula."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for row in rows:
        texts = (
            row["principal"]["kind"],
            row["principal"]["id"],
            " ".join(row["actions"]),
            row["resource"],
            "; ".join(row["condition"] or ()),
            str(row["public"]).lower(),
            str(row["cross_account"]).lower(),
        )
        cells = map(clean, texts)
        writer.writerow([f"'{each}" if each[:1] in "=+-@" and each else each for each in cells])
    return stream.getvalue()


def decide(
    loaded: Loaded,
    asked: tuple[str, str, str],
    context: Sequence[str],
    *,
    as_json: bool,
    no_color: bool,
) -> int:
    """Prints the decision about one request and gives the exit code."""
    principal, action, repository = asked
    _check_action(action)
    registry = loaded.registry
    caller = parse_caller(principal, registry.partition if registry else None)
    resource = resource_named(repository, registry)
    request = Request(caller, action, resource, _context(context))
    decision = evaluate(loaded.policy, request)
    across = bool(registry and caller.account and caller.account != registry.account_id)
    view: JsonObject = {
        "outcome": decision.outcome,
        "cross_account": across,
        "deciding": [_statement(loaded, each) for each in decision.deciding],
        "near": [
            {**_statement(loaded, each.statement), "missing": list(each.missing)}
            for each in decision.near
        ],
    }
    if as_json:
        say(json.dumps(view, indent=2))
    else:
        print_lines(decision_lines(view), no_color=no_color)
    return 0 if decision.allowed else 1


def _check_action(action: str) -> None:
    """Raises UsageError for what is no single action of ECR: a typo is no answer."""
    if fold(action) in ecr_actions():
        return
    near = parse_action(action if ":" in action else f"ecr:{action}")
    reason = action_refusal(near, None)
    if near.is_wild:
        detail = "A request is for one action; `planner access --action` takes any."
    elif reason is None:
        detail = f"Did you mean '{near.spelled().text}'?"
    else:
        detail = f"{reason.text[:1].upper()}{reason.text[1:]}."
    raise UsageError(f"'{action}' is not one action of ECR.", detail, "Write it as ecr:PutImage.")


def _context(assignments: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """`KEY=VALUE` words; a key that is given twice has two values."""
    found: dict[str, tuple[str, ...]] = {}
    for each in assignments:
        key, equals, value = each.partition("=")
        if not equals or not key.strip():
            raise UsageError(
                f"--context {each} is not KEY=VALUE.", "", "As in aws:PrincipalOrgID=o-a1b2c3d4e5."
            )
        found[fold(key.strip())] = (*found.get(fold(key.strip()), ()), value)
    return found


def _statement(loaded: Loaded, index: int) -> JsonObject:
    """A statement by its name and its place in the file."""
    if loaded.parsed is None:
        raise ValueError("no policy, and so no statement")
    tree = loaded.parsed.tree
    pointer = f"/Statement/{index}"
    node = tree.member("Statement")
    if node is not None and node.kind == "object":
        pointer = "/Statement"
    place = loaded.parsed.place(pointer)
    name = statement_name(loaded.parsed.policy.statements[index], index)
    return {"name": name, "file": loaded.name, "line": place.line}


def compare_files(
    before: Path,
    after: Path,
    var: list[str],
    fail_on: Sequence[str],
    *,
    as_json: bool,
    no_color: bool,
) -> int:
    """Prints the comparison of two policy files and gives the exit code."""
    if str(before) == str(after) == "-":
        raise UsageError("Only one of the policies can be standard input.")
    old, new = (_read(each, var) for each in (before, after))
    found = compare(old, new)
    view = found.to_json()
    if as_json:
        say(json.dumps(view, indent=2))
    else:
        named = named_registry([old, new])
        print_lines(access_lines(view, named, every_witness=True), no_color=no_color)
    failing = {
        "broadening": bool(found.gained or found.unknown),
        "narrowing": bool(found.lost or found.unknown),
        "unknown": bool(found.unknown),
        "any": found.verdict != "equivalent",
    }
    return 1 if any(failing[each] for each in fail_on) else 0


def _read(path: Path, var: list[str]) -> Policy:
    name = "standard input" if str(path) == "-" else str(path)
    # What the registry fills stays as it is: it is the same on both sides.
    fill = Placeholders(parse_assignments(var), later=BUILT_IN).fill
    return parse_policy(read_bounded(path, "policy file"), name, dialect="any", fill=fill).policy
