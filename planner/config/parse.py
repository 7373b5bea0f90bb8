"""`planner.toml` to settings, each of which a flag beats."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from planner.config.settings import FILE_NAME, TomlSettings, is_s3
from planner.errors import PlannerError
from planner.guard.assertion import MEMBERS, MOST_ASSERTIONS, Assertion, assertion_from
from planner.guard.settings import ANSWERS, DEFAULTS, Guard
from planner.lint.annotation import Annotation
from planner.lint.suppression import Suppression
from planner.ownership.owned import check_owner_name
from planner.policy.placeholders import NAME, Value, refuse_built_in
from planner.policy.wrong_document import TERRAFORM_HINT
from planner.registry import ACCOUNT_ID, REGION, SCOPES
from planner.times import parse_duration

_SETTINGS = (
    "state",
    "region",
    "profile",
    "endpoint_url",
    "account_id",
    "lock_timeout",
    "lock_lease",
    "scope",
    "owner",
)
_ALLOW = ("rule", "statement", "reason")
_ASSERT = re.compile(r"\s*\[\[\s*[\"']?assert[\"']?\s*\]\]")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:/|(?:s3|gs|az|arn|file|https?):", re.IGNORECASE)
LONGEST_ALIAS = 64
"""The most characters of a name for an account: it stands beside the id in every table."""
LONGEST_VALUE = 2048
"""The most characters of a variable: as many as an ARN has. It may be filled in very often."""
LONGEST_NOTE = 256
"""The most characters of a contact and of a ticket: they stand below a change, in one line."""
MOST_ANNOTATED = 1_000
"""The most statements of which something is said."""
MOST_VALUES = 1_000
"""The most values of a list: so many account ids are more than ECR takes."""
_S3_SETTINGS = ("region", "profile", "endpoint_url", "kms_key_id", "expected_bucket_owner")


def parse_settings(data: bytes, name: str = FILE_NAME) -> TomlSettings:
    """The settings in TOML text.

    Raises PlannerError for text that is no TOML and for settings that planner does not have.
    """
    try:
        document = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PlannerError(f"{name} is not valid TOML.", f"{error}.", "Mend the file.") from None
    tables = ("vars", "s3", "lint", "accounts", "guard", "assert", "statements")
    _known(document, ("policy", *_SETTINGS, "raise_scope", *tables), name)
    values = {key: _string(document[key], key, name) for key in _SETTINGS if key in document}
    _check_registry(values, name)
    if "owner" in values:
        check_owner_name(values["owner"], f"{name}: owner")
    guard = _table(document, "guard", name)
    times = _times(values, name)
    if "state" in values:
        check_state(values["state"], f"{name}: state")
    s3 = _table(document, "s3", name)
    _known(s3, _S3_SETTINGS, f"{name}: [s3]")
    if "expected_bucket_owner" in s3:
        owner = _string(s3["expected_bucket_owner"], "s3.expected_bucket_owner", name)
        check_account_id(owner, f"{name}: s3.expected_bucket_owner")
    return TomlSettings(
        policy=_policy(document.get("policy"), name),
        state=values.get("state"),
        region=values.get("region"),
        profile=values.get("profile"),
        endpoint_url=values.get("endpoint_url"),
        account_id=values.get("account_id"),
        lock_timeout=times.get("lock_timeout"),
        lock_lease=times.get("lock_lease"),
        scope=values.get("scope"),
        raise_scope=_raise_scope(document, name),
        vars=_vars(_table(document, "vars", name), name),
        s3={key: _string(value, f"s3.{key}", name) for key, value in s3.items()},
        suppressions=_placed(
            _suppressions(_table(document, "lint", name), name), data.decode("utf-8")
        ),
        guard=_guard(guard, name),
        owner=values.get("owner"),
        owner_guards=_owner_guards(guard, name),
        accounts=_accounts(_table(document, "accounts", name), name),
        assertions=_assertions(document.get("assert", []), data.decode("utf-8"), name),
        statements=_statements(_table(document, "statements", name), data.decode("utf-8"), name),
    )


def _times(values: Mapping[str, str], name: str) -> dict[str, timedelta]:
    """The settings that are durations."""
    times = {
        key: duration(values[key], f"{name}: {key}")
        for key in ("lock_timeout", "lock_lease")
        if key in values
    }
    if "lock_lease" in times and not times["lock_lease"]:
        raise PlannerError(f"{name}: lock_lease is no time at all.", "", "Give one as 60s.")
    return times


def _known(table: Mapping[str, object], known: tuple[str, ...], name: str) -> None:
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"Did you mean '{near[0]}'?" if near else f"It takes {', '.join(known)}."
            raise PlannerError(f"{name} has a setting '{key}', which planner does not.", "", hint)


def _table(document: Mapping[str, object], key: str, name: str) -> dict[str, object]:
    table = document.get(key, {})
    if not isinstance(table, dict):
        hint = f"Write [{key}] on its own line."
        raise PlannerError(f"{name}: '{key}' must be a table.", "", hint)
    return table


def duration(value: str, where: str) -> timedelta:
    """The duration that a setting or a flag names. Raises PlannerError."""
    try:
        return parse_duration(value)
    except ValueError:
        raise PlannerError(f"{where}: '{value}' is no duration.", "", "Give one as 30s.") from None


def _string(value: object, key: str, name: str) -> str:
    if isinstance(value, str) and value:
        return value
    hint = f'Write it in double quotes: {key} = "{value}"' if isinstance(value, int) else ""
    raise PlannerError(f"{name}: '{key}' must be a text that is not empty.", "", hint)


def _policy(value: object, name: str) -> tuple[str, ...] | None:
    """`policy`: a file or a pattern, or a list of them."""
    if value is None:
        return None
    given = value if isinstance(value, list) else [value]
    if not given:
        hint = 'Name one, as in policy = ["policies/*.json"], or leave it out.'
        raise PlannerError(f"{name}: 'policy' names no file.", "", hint)
    return tuple(_string(each, "policy", name) for each in given)


def _short(value: object, key: str, name: str, most: int) -> str:
    text = _string(value, key, name)
    if len(text) > most:
        detail = f"It has {len(text):,} characters, and at most {most:,} are taken."
        raise PlannerError(f"{name}: '{key}' is too long.", detail, "Write a shorter one.")
    return text


def _vars(table: dict[str, object], name: str) -> dict[str, Value]:
    for key in table:
        if not NAME.fullmatch(key):
            hint = "A name has letters, digits and '_' only."
            raise PlannerError(f"{name}: '{key}' cannot be a variable.", "", hint)
    refuse_built_in(table, f"{name}: [vars]")
    return {key: _value(value, f"vars.{key}", name) for key, value in table.items()}


def _value(value: object, key: str, name: str) -> Value:
    """A variable: a text, or a list of texts."""
    if not isinstance(value, list):
        return _short(value, key, name, LONGEST_VALUE)
    if not 0 < len(value) <= MOST_VALUES:
        detail = f"It has {len(value):,} values, and 1 to {MOST_VALUES:,} are taken."
        raise PlannerError(f"{name}: '{key}' is a list of the wrong length.", detail, "")
    return tuple(_short(each, key, name, LONGEST_VALUE) for each in value)


def _accounts(table: dict[str, object], name: str) -> dict[str, str]:
    for key in table:
        check_account_id(key, f"{name}: [accounts]")
    named = table.items()
    return {key: _short(value, f"accounts.{key}", name, LONGEST_ALIAS) for key, value in named}


def _guard(table: dict[str, object], name: str) -> Guard:
    """`[guard]`: an answer for each check that it names, and the number `removal-limit`."""
    return _answers(
        {key: each for key, each in table.items() if key != "owner"}, Guard(), f"{name}: [guard]"
    )


def _owner_guards(table: dict[str, object], name: str) -> dict[str, Guard]:
    """`[guard.owner.NAME]`: what answers the plans of an owner otherwise than `[guard]` does."""
    base = _guard(table, name)
    found = {}
    for owner in _table(table, "owner", f"{name}: [guard]"):
        check_owner_name(owner, f"{name}: [guard.owner.{owner}]")
        own = _table(_table(table, "owner", name), owner, f"{name}: [guard.owner]")
        found[owner] = _answers(own, base, f"{name}: [guard.owner.{owner}]")
    return found


def _answers(table: dict[str, object], base: Guard, where: str) -> Guard:
    """The guard that a table makes of another one."""
    _known(table, (*DEFAULTS, "removal-limit"), where)
    limit = table.get("removal-limit", base.removal_limit)
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 0:
        raise PlannerError(f"{where}: removal-limit is no number.", "", "Write it as 5.")
    answers = dict(base.answers)
    for check, answer in table.items():
        if check == "removal-limit":
            continue
        if answer not in ANSWERS:
            hint = f'Write "{ANSWERS[0]}", "{ANSWERS[1]}" or "{ANSWERS[2]}".'
            raise PlannerError(f"{where}: '{answer}' is no answer to {check}.", "", hint)
        answers[check] = ANSWERS[ANSWERS.index(answer)]
    return Guard(answers, limit)


def _assertions(entries: object, text: str, name: str) -> tuple[Assertion, ...]:
    """Each `[[assert]]`, with the line that it begins in where it has one of its own."""
    if not isinstance(entries, list):
        hint = "Write [[assert]] above principal, action, repository, may and reason."
        raise PlannerError(f"{name}: 'assert' must be a list of tables.", "", hint)
    if len(entries) > MOST_ASSERTIONS:
        hint = f"At most {MOST_ASSERTIONS} are checked; one takes lists of callers and actions."
        raise PlannerError(f"{name} has {len(entries):,} assertions.", "", hint)
    lines = [number for number, each in enumerate(text.splitlines(), 1) if _ASSERT.match(each)]
    lines = lines if len(lines) == len(entries) else [1] * len(entries)
    found = []
    for number, (each, line) in enumerate(zip(entries, lines, strict=True), 1):
        where = f"{name}: [[assert]] {number}"
        entry = _table({"assert": each}, "assert", name)
        _known(entry, MEMBERS, where)
        found.append(assertion_from({**entry, "line": line}, where))
    return tuple(found)


def _statements(table: dict[str, object], text: str, name: str) -> dict[str, Annotation]:
    """`[statements.SID]`: whom to ask about a statement, why it is there, until when."""
    if len(table) > MOST_ANNOTATED:
        hint = "A policy of so many statements is more than ECR takes."
        raise PlannerError(f"{name} says something of {len(table):,} statements.", "", hint)
    lines = text.splitlines()
    found = {}
    for sid in table:
        entry = _table(table, sid, f"{name}: [statements]")
        where = f"{name}: [statements.{sid}]"
        if not (sid and entry):
            hint = "Write it as [statements.SID], with contact, ticket or expires below."
            raise PlannerError(f"{where} says nothing of any statement.", "", hint)
        _known(entry, ("contact", "ticket", "expires"), where)
        contact, ticket = (
            _short(entry[key], key, where, LONGEST_NOTE) if key in entry else None
            for key in ("contact", "ticket")
        )
        expires = entry.get("expires")
        if not (expires is None or type(expires) is date):
            hint = "Write a date without quotes: expires = 2027-01-01"
            raise PlannerError(f"{where}: 'expires' is no date.", "", hint)
        found[sid] = Annotation(contact, ticket, expires, _line_of(sid, lines))
    return found


def _line_of(sid: str, lines: Sequence[str]) -> int:
    """The line of the table's heading, 1 where it has none of its own."""
    heading = re.compile(rf"\s*\[\s*statements\s*\.\s*([\"']?){re.escape(sid)}\1\s*\]")
    return next((number for number, each in enumerate(lines, 1) if heading.match(each)), 1)


def _suppressions(table: dict[str, object], name: str) -> tuple[Suppression, ...]:
    """`[lint]` with a list `disable`, and a table `[[lint.allow]]` for each single statement."""
    _known(table, ("disable", "allow"), f"{name}: [lint]")
    disabled, allowed = table.get("disable", []), table.get("allow", [])
    if not isinstance(disabled, list) or not isinstance(allowed, list):
        hint = 'Write disable = ["RULE"], and [[lint.allow]] above rule, statement and reason.'
        raise PlannerError(f"{name}: [lint] is not of its form.", "", hint)
    suppressions = [Suppression(_string(rule, "lint.disable", name)) for rule in disabled]
    for each in allowed:
        where = f"{name}: [[lint.allow]]"
        entry = _table({"allow": each}, "allow", name)
        _known(entry, _ALLOW, where)
        if missing := [key for key in _ALLOW if key not in entry]:
            raise PlannerError(f"{where} has no '{missing[0]}'.", "", f"It takes {_ALLOW}.")
        rule, statement, reason = (_string(entry[k], f"lint.allow.{k}", name) for k in _ALLOW)
        suppressions.append(Suppression(rule, statement, reason))
    return tuple(suppressions)


def _placed(suppressions: tuple[Suppression, ...], text: str) -> tuple[Suppression, ...]:
    """The suppressions with their lines: where their rules stand in quotes, in the same order."""
    places: dict[str, list[int]] = {}
    for number, each in enumerate(text.splitlines(), 1):
        for rule in re.findall(r"[\"']([a-z0-9-]+)[\"']", each.partition("#")[0]):
            places.setdefault(rule, []).append(number)
    return tuple(
        replace(suppression, line=places[suppression.rule].pop(0))
        if places.get(suppression.rule)
        else suppression
        for suppression in suppressions
    )


def _check_registry(values: Mapping[str, str], name: str) -> None:
    if "account_id" in values:
        check_account_id(values["account_id"], f"{name}: account_id")
    if "region" in values:
        check_region(values["region"], f"{name}: region")
    if values.get("scope", "V1") not in SCOPES:
        raise PlannerError(f"{name}: '{values['scope']}' is no scope.", "", "It is V1 or V2.")


def _raise_scope(document: Mapping[str, object], name: str) -> bool:
    wanted = document.get("raise_scope", False)
    if not isinstance(wanted, bool):
        hint = "Write it without quotes: raise_scope = true"
        raise PlannerError(f"{name}: 'raise_scope' must be true or false.", "", hint)
    if wanted and document.get("scope") == "V1":
        raise PlannerError(
            f'{name}: scope = "V1" and raise_scope = true contradict each other.',
            "The one says that the registry has V1, the other makes it V2.",
            "Leave `scope` out: with raise_scope a plan reads it.",
        )
    return wanted


def check_account_id(value: str, where: str) -> None:
    """Raises PlannerError unless `value` is a 12-digit account id."""
    if not ACCOUNT_ID.fullmatch(value):
        raise PlannerError(f"{where}: '{value}' is no account id.", "", "It has 12 digits.")


def check_state(value: str, where: str) -> None:
    """Raises PlannerError for a URL that is none of S3's: nobody means a folder by it."""
    if value.lower().endswith(".tfstate"):
        raise PlannerError(f"{where}: '{value}' is Terraform's state.", "", TERRAFORM_HINT)
    if _SCHEME.match(value) and not is_s3(value):
        hint = "Give a folder, or s3://BUCKET/PREFIX/."
        raise PlannerError(f"{where}: '{value}' is no place that keeps a state.", "", hint)


def check_region(value: str, where: str) -> None:
    """Raises PlannerError unless `value` has the form of a Region."""
    if not REGION.fullmatch(value):
        hint = "Give one as in us-west-2."
        raise PlannerError(f"{where}: '{value}' is no Region.", "", hint)
