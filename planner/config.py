"""`planner.toml`: the settings of a project, each of which a flag beats."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field

from planner.errors import PlannerError
from planner.policy.placeholders import NAME, refuse_built_in
from planner.registry import ACCOUNT_ID, REGION

FILE_NAME = "planner.toml"
_SETTINGS = ("policy", "state", "region", "profile", "endpoint_url", "account_id")


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of a `planner.toml`, None for what it leaves out.

    `policy` and `state` are paths from the file's own folder. `account_id` is the account
    that the credentials must belong to.
    """

    policy: str | None = None
    state: str | None = None
    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    account_id: str | None = None
    vars: Mapping[str, str] = field(default_factory=dict)


def parse_config(data: bytes, name: str = FILE_NAME) -> Config:
    """The settings in TOML text.

    Raises PlannerError for text that is no TOML and for settings that planner does not have.
    """
    try:
        document = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PlannerError(f"{name} is not valid TOML.", f"{error}.", "Mend the file.") from None
    for key in document:
        if key not in (*_SETTINGS, "vars"):
            near = difflib.get_close_matches(key, (*_SETTINGS, "vars"), n=1)
            hint = f"Did you mean '{near[0]}'?" if near else f"It takes {', '.join(_SETTINGS)}."
            raise PlannerError(f"{name} has a setting '{key}', which planner does not.", "", hint)
    values = {key: _string(document[key], key, name) for key in _SETTINGS if key in document}
    _check_registry(values, name)
    return Config(**values, vars=_vars(document.get("vars", {}), name))


def _string(value: object, key: str, name: str) -> str:
    if isinstance(value, str) and value:
        return value
    hint = f'Write it in double quotes: {key} = "{value}"' if isinstance(value, int) else ""
    raise PlannerError(f"{name}: '{key}' must be a text that is not empty.", "", hint)


def _vars(table: object, name: str) -> dict[str, str]:
    if not isinstance(table, dict):
        raise PlannerError(f"{name}: 'vars' must be a table.", "", "Write [vars] on its own line.")
    for key in table:
        if not NAME.fullmatch(key):
            hint = "A name has letters, digits and '_' only."
            raise PlannerError(f"{name}: '{key}' cannot be a variable.", "", hint)
    refuse_built_in(table, f"{name}: [vars]")
    return {key: _string(value, f"vars.{key}", name) for key, value in table.items()}


def _check_registry(values: Mapping[str, str], name: str) -> None:
    if "account_id" in values:
        check_account_id(values["account_id"], f"{name}: account_id")
    if "region" in values:
        check_region(values["region"], f"{name}: region")


def check_account_id(value: str, where: str) -> None:
    """Raises PlannerError unless `value` is a 12-digit account id."""
    if not ACCOUNT_ID.fullmatch(value):
        raise PlannerError(f"{where}: '{value}' is no account id.", "", "It has 12 digits.")


def check_region(value: str, where: str) -> None:
    """Raises PlannerError unless `value` has the form of a Region."""
    if not REGION.fullmatch(value):
        hint = "Give one as in us-west-2."
        raise PlannerError(f"{where}: '{value}' is no Region.", "", hint)
