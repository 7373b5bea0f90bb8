"""The machine: its clock, its signals, and a place for what must not be lost."""

from __future__ import annotations

import signal
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, Self

from planner.cli.output import notice, say
from planner.errors import PlannerError
from planner.files import write_atomically


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


class Signals:
    """SIGINT, SIGTERM and SIGHUP while open: the first asks for the end, the second ends at once.

    CI runners send SIGTERM where people press Ctrl-C or close the terminal.
    """

    def __init__(self) -> None:
        self.requested = False
        self._former: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
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
    """Saves a text in the current folder, else in the temporary one, else prints it."""
    for folder in (Path(), Path(tempfile.gettempdir())):
        path = folder / name
        try:
            write_atomically(path, text.encode(), "rescue file")
        except PlannerError:
            continue
        return str(path)
    say(f"--- {name} ---\n{text}--- end of {name} ---")
    return "nowhere, no folder is writable; it is printed above"
