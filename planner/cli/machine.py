"""The machine: its clock, its user, its signals, and a place for what must not be lost."""

from __future__ import annotations

import os
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, Self

from planner.cli.output import notice, say
from planner.errors import UsageError


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The time in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Waits."""
        time.sleep(seconds)


def refuse_without_terminal(detail: str, hint: str) -> None:
    """Raises UsageError where standard input is no terminal, so that nobody can be asked."""
    if not sys.stdin.isatty():
        raise UsageError("Nobody can be asked: standard input is no terminal.", detail, hint)


def user_name() -> str:
    """Who is at work, as `somebody@host`."""
    import getpass
    import socket

    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's user often has no name
        name = f"uid {os.getuid()}"
    return f"{name}@{socket.gethostname()}"


class Signals:
    """SIGINT, SIGTERM and SIGHUP while open: the first asks for the end, the second ends at once.

    CI runners send SIGTERM where people press Ctrl-C or close the terminal.
    """

    def __init__(self) -> None:
        self.requested = False
        self._former: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) != signal.SIG_IGN:  # nohup means it
                self._former[number] = signal.signal(number, self._received)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._former.items():
            signal.signal(number, handler)

    def _received(self, _number: int, _frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True
        notice("Interrupted: finishing the step in hand. Once more ends it here and now.")


def save_for_user(name: str, text: str) -> str:
    """Saves a text in a new file here, else in a new temporary folder, else prints it.

    Gives the place; a file that holds the same already serves. Never writes over a file, nor
    through a link that somebody has laid.
    """
    from planner.stores.files import save_copy

    for folder in (_here, _new_temporary_folder):
        try:
            return str(save_copy(folder(), name, text.encode()))
        except OSError:
            continue
    say(f"--- {name} ---\n{text}--- end of {name} ---")
    return "nowhere, no folder is writable; it is printed above"


def _here() -> Path:
    return Path()


def _new_temporary_folder() -> Path:
    import tempfile

    return Path(tempfile.mkdtemp(prefix="planner-"))
