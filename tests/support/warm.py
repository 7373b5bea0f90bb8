"""Processes that start at once: a Python that has imported everything forks for each command.

Importing boto3 takes longer than most commands take. What is forked is a process like any
other: it has its own id, environment, folder and pipes, it can be killed, and it runs the script
that it is given from top to bottom and ends as Python ends.

Run as a script, this is the server: it forks for each set of file descriptors that it gets.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import pkgutil
import runpy
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_LONGEST = 60
"""Seconds after which a command is ended, so that no test waits for ever."""


class Process:
    """A running command; what tests use of `subprocess.Popen`, in text mode.

    `stderr` has to fit into a pipe while `stdout` is read: 64 KiB.
    """

    def __init__(self, server: socket.socket, request: Mapping[str, object]) -> None:
        ours, theirs = socket.socketpair()
        stdin, stdout, stderr = (os.pipe() for _ in range(3))
        given = [theirs.fileno(), stdin[0], stdout[1], stderr[1]]
        socket.send_fds(server, [b"."], given)
        theirs.detach()
        for handle in given:
            os.close(handle)
        ours.sendall(json.dumps(request).encode() + b"\n")
        self._socket = ours
        self._told = ours.makefile(encoding="ascii")
        self.stdin = os.fdopen(stdin[1], "w", encoding="utf-8")
        self.stdout = os.fdopen(stdout[0], encoding="utf-8")
        self.stderr = os.fdopen(stderr[0], encoding="utf-8")
        self.pid = int(self._told.readline())
        self.returncode: int | Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        if kind and self.returncode is None:
            self.send_signal(signal.SIGKILL)
        self.wait()
        self._close()

    def _close(self) -> None:
        for stream in (self.stdin, self.stdout, self.stderr):
            with contextlib.suppress(BrokenPipeError):
                stream.close()

    def send_signal(self, number: int) -> None:
        """Sends a signal to the command."""
        os.kill(self.pid, number)

    def wait(self, timeout: float = _LONGEST) -> int:
        """The exit code, or the negative number of the signal that ended the command."""
        if self.returncode is None:
            self._socket.settimeout(timeout)
            self.returncode = int(self._told.readline())
            self._told.close()
            self._socket.close()
        return self.returncode

    def communicate(self, text: str = "", timeout: float = _LONGEST) -> tuple[str, str]:
        """All that the command prints, to standard output and to standard error."""
        with contextlib.suppress(BrokenPipeError):
            self.stdin.write(text)
            self.stdin.close()
        output = self.stdout.read(), self.stderr.read()
        self.wait(timeout)
        self._close()
        return output


class Warm:
    """A server, and the commands that it starts."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._socket, theirs = socket.socketpair()
        command = [sys.executable, __file__, str(theirs.fileno())]
        self._server = subprocess.Popen(command, pass_fds=[theirs.fileno()], env=environment)
        theirs.close()

    def start(
        self,
        words: list[str],
        folder: Path,
        environment: dict[str, str],
        *,
        one_stream: bool = False,
    ) -> Process:
        """Starts a Python script with its arguments.

        With `one_stream` all that it prints goes to standard output, in its order.
        """
        request = {
            "words": words,
            "folder": str(folder),
            "environment": environment,
            "one_stream": one_stream,
        }
        return Process(self._socket, request)

    def close(self) -> None:
        """Ends the server."""
        self._socket.close()
        self._server.wait(_LONGEST)


def keep_models() -> None:
    """Lets each botocore session of this process take the models of AWS that were read first.

    They are files that do not change, and reading them is most of what a client costs.
    """
    import botocore.session

    botocore.session.create_loader = functools.cache(botocore.session.create_loader)


def _import_everything() -> None:
    import boto3

    import planner

    keep_models()
    for service in ("ecr", "s3", "sts"):
        boto3.Session(region_name="us-west-2").client(service)
    for name in ("http.server", "jsonpatch", "tabulate"):
        importlib.import_module(name)
    for module in pkgutil.walk_packages(planner.__path__, "planner."):
        if not module.name.startswith(("planner.__main__", "planner.sandbox")):
            importlib.import_module(module.name)


def _serve(requests: socket.socket) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while handles := socket.recv_fds(requests, 1, 4)[1]:
        if os.fork() == 0:
            # As from a terminal: what runs the tests may ignore signals, as nohup does.
            signal.signal(signal.SIGINT, signal.default_int_handler)
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            requests.close()
            _watch(*handles)
            return
        for handle in handles:
            os.close(handle)


def _watch(told: int, *streams: int) -> None:
    """Tells the id of the command and its exit code; a parent alone learns of it."""
    with socket.socket(fileno=told) as connection:
        pid = os.fork()
        if pid:
            for handle in streams:
                os.close(handle)
            connection.sendall(f"{pid}\n".encode())
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            connection.sendall(f"{code}\n".encode())
            os._exit(0)
        with connection.makefile() as lines:
            request = json.loads(lines.readline())
    for number, handle in enumerate(streams):
        os.dup2(handle, number)
        os.close(handle)
    if request["one_stream"]:
        os.dup2(1, 2)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", 1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    signal.alarm(_LONGEST)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = request["words"]
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
    except SystemExit as end:
        if isinstance(end.code, int):
            _leave(end.code)
        raise


def _leave(code: int) -> None:
    """Does what Python does at its end, but for taking apart all that was imported.

    Returns where something cannot be printed, so that Python itself ends and says so.
    """
    for thread in threading.enumerate():
        if not (thread.daemon or thread is threading.current_thread()):
            thread.join()
    atexit._run_exitfuncs()
    with contextlib.suppress(OSError, ValueError):
        for stream in (sys.stdout, sys.stderr):
            if stream:
                stream.flush()
        os._exit(code)


if __name__ == "__main__":
    _import_everything()
    gc.freeze()  # what is shared stays shared
    _serve(socket.socket(fileno=int(sys.argv[1])))
