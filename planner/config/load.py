"""Flags and `planner.toml` to the settings of a run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from planner.config.parse import (
    check_account_id,
    check_region,
    check_state,
    duration,
    parse_settings,
)
from planner.config.settings import FILE_NAME, Flags, Settings, TomlSettings
from planner.errors import PlannerError, UsageError
from planner.policy.placeholders import parse_assignments

ReadFile = Callable[[Path], bytes | None]
"""Reads a settings file; None where there is none. Raises PlannerError where it cannot be read."""

_NOT_EMPTY = "region profile endpoint_url account_id state lock_timeout approve".split()


def load_settings(flags: Flags, read: ReadFile, folder: Path = Path()) -> Settings:
    """The settings that hold for a run: `--config`, or `planner.toml` of `folder`, the current one.

    Raises UsageError for flags that no run could make sense of, PlannerError for a file that
    cannot be read or has settings that planner does not have.
    """
    timeout = _check(flags)
    path = flags.config or folder / FILE_NAME
    data = read(path)
    toml = TomlSettings() if data is None else parse_settings(data, str(path))
    return Settings(
        flags=flags,
        toml=toml,
        file=None if data is None else path,
        folder=path.parent,
        assigned=parse_assignments(flags.vars),
        lock_timeout=timeout or toml.lock_timeout or timedelta(0),
        digest=None if data is None else hashlib.sha256(data).hexdigest(),
    )


def _check(flags: Flags) -> timedelta | None:
    """Raises UsageError for flags that are none; gives what `--lock-timeout` says."""
    for name in _NOT_EMPTY:
        value = getattr(flags, name)
        if value is not None and not value.strip():
            option = f"--{name.replace('_', '-')}"
            raise UsageError(f"{option} is empty.", "Is a variable not set?", "Give it a value.")
    try:
        if flags.account_id:
            check_account_id(flags.account_id, "--account-id")
        if flags.region:
            check_region(flags.region, "--region")
        if flags.state:
            check_state(flags.state, "--state")
        return duration(flags.lock_timeout, "--lock-timeout") if flags.lock_timeout else None
    except PlannerError as error:
        raise UsageError(error.summary, error.detail, error.hint) from None
