"""The installed console script, run in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.support.warm import Process, Warm

PLANNER = str(Path(sys.executable).with_name("planner"))
FAULTS = str(Path(__file__).with_name("faults.py"))

Result = subprocess.CompletedProcess[str]


@dataclass
class Cli:
    """Runs the installed console script in a folder, with a clean environment.

    Each command is a process of its own, forked from one that has imported everything. `run`
    starts a program from nothing.
    """

    folder: Path
    warm: Warm
    environment: dict[str, str] = field(default_factory=dict)
    program: tuple[str, ...] = (PLANNER,)

    def hurried(self) -> Cli:
        """The same with pauses that take a twentieth of their time."""
        return replace(self, program=(FAULTS, "hurry"))

    def process_environment(self, **environment: str) -> dict[str, str]:
        """The whole environment of a process."""
        base = {
            **bare_environment(),
            "HOME": str(self.folder),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "1",
        }
        return {**base, **self.environment, **environment}

    def __call__(self, *words: str, stdin: str = "", **environment: str) -> Result:
        return self._end(self.start(*words, **environment), stdin)

    def screen(self, *words: str) -> Result:
        """Runs a command whose `stdout` is all that a terminal shows."""
        command, environment = [*self.program, *words], self.process_environment()
        return self._end(self.warm.start(command, self.folder, environment, one_stream=True), "")

    def with_fault(self, *words: str) -> Result:
        """Runs planner with a fault in it, as faults.py describes."""
        return self._end(self._start([FAULTS, *words]), "")

    def start(self, *words: str, **environment: str) -> Process:
        """Starts a command without waiting for it."""
        return self._start([*self.program, *words], **environment)

    def _start(self, command: list[str], **environment: str) -> Process:
        return self.warm.start(command, self.folder, self.process_environment(**environment))

    @staticmethod
    def _end(process: Process, stdin: str) -> Result:
        with process:
            output, errors = process.communicate(stdin)
            return subprocess.CompletedProcess([], process.wait(), output, errors)

    def run(self, command: list[str], stdin: str = "", **environment: str) -> Result:
        """Runs a program to its end, from nothing."""
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.process_environment(**environment),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def ok(self, *words: str, **environment: str) -> str:
        """The output of a command that must succeed.

        On standard error it may say where account and Region come from, and nothing else.
        """
        result = self(*words, **environment)
        assert result.returncode == 0, result.stderr
        rest = [each for each in result.stderr.splitlines() if not each.startswith("Registry ")]
        assert not rest, result.stderr
        return result.stdout

    def fails(self, code: int, *words: str, **environment: str) -> str:
        """The message of a command that must fail with this exit code, in three parts."""
        result = self(*words, **environment)
        assert result.returncode == code, (result.returncode, result.stdout, result.stderr)
        assert "Traceback" not in result.stderr
        assert result.stderr.startswith("Error: ")
        return result.stderr

    def write(self, name: str, text: str) -> Path:
        """A file in the folder."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path


def bare_environment() -> dict[str, str]:
    """What a process needs to start, and what coverage needs to see it."""
    coverage = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE")}
    return {"PATH": os.environ["PATH"], **coverage}
