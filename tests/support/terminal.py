"""Commands on a terminal, with somebody who answers."""

from __future__ import annotations

import os
import pty
import select
import subprocess

from tests.support.cli import PLANNER, Cli


def on_terminal(cli: Cli, text: str, *words: str) -> tuple[int, str]:
    """Runs a command on a terminal and types `text` when it asks: its code and the screen."""
    leader, follower = pty.openpty()
    environment = {"PATH": os.environ["PATH"], "HOME": str(cli.folder), **cli.environment}
    with subprocess.Popen(
        [PLANNER, *words],
        cwd=cli.folder,
        env=environment,
        stdin=follower,
        stdout=follower,
        stderr=follower,
    ) as process:
        os.close(follower)
        screen = b""
        while b"Enter a value:" not in screen:
            assert select.select([leader], [], [], 30)[0]
            screen += os.read(leader, 65536)
        os.write(leader, text.encode() + b"\n")
        try:
            while chunk := os.read(leader, 65536):
                screen += chunk
        except OSError:  # the terminal is gone when its last user is
            pass
        code = process.wait(30)
    os.close(leader)
    return code, screen.decode()
