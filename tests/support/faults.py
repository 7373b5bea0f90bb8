"""Faults for tests: a proxy between boto3 and the sandbox, and a process that dies on cue.

Run as a script, this is `planner` with a fault in it:

    python faults.py kill CALL NTH WORDS...    SIGKILL after the NTH call of CALL has returned
    python faults.py full NTH once|on WORDS... no space left at the NTH fsync (and from then on)
    python faults.py cut NTH WORDS...          SIGKILL at the NTH fsync, in the middle of a write
    python faults.py hurry WORDS...            pauses take a twentieth of their time
"""

from __future__ import annotations

import contextlib
import errno
import http.client
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from planner.aws.ecr import EcrRegistry
from planner.cli.main import run
from planner.stores.state import State

Answer = tuple[int, str]


@dataclass
class Fault:
    """What happens to the requests that match, so many `times`.

    `operation` is an ECR operation such as `PutRegistryPolicy`, or an S3 method and the end
    of a key such as `PUT .lock.json`. With `answer` the request is answered so and never
    reaches the sandbox, but where the answer is a `lie`; else it is dropped `before` or `after`
    it does, or held until `release` is set. Of an answer that is `cut` half is sent.
    """

    operation: str
    answer: Answer | None = None
    drop: str = ""
    lie: bool = False
    cut: bool = False
    headers: tuple[tuple[str, str], ...] = ()
    times: int = 1_000
    seen: threading.Event = field(default_factory=threading.Event)
    release: threading.Event | None = None

    def take(self, operation: str) -> bool:
        """Whether the fault strikes this request; counts it if so."""
        method, _, suffix = self.operation.partition(" ")
        s3 = operation.startswith(f"{method} ") and operation.split("?", maxsplit=1)[0].endswith(
            suffix
        )
        if self.times <= 0 or not (operation == self.operation or (suffix and s3)):
            return False
        self.times -= 1
        self.seen.set()
        return True


class Proxy:
    """Forwards to the sandbox, but for its faults. `log` lists the operations that came.

    `rewritten` maps parts of answers to what stands there instead.
    """

    def __init__(self, sandbox_url: str) -> None:  # noqa: C901 - a handler stands in it
        self.faults: list[Fault] = []
        self.log: list[str] = []
        self.rewritten: dict[bytes, bytes] = {}
        outer = self
        host = sandbox_url.removeprefix("http://")

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            fault: Fault | None = None

            def forward(self, body: bytes) -> None:
                connection = http.client.HTTPConnection(host, timeout=30)
                headers = {k: v for k, v in self.headers.items() if k.lower() != "expect"}
                connection.request(self.command, self.path, body, headers)
                answer = connection.getresponse()
                data = answer.read()
                connection.close()
                for old, new in outer.rewritten.items():
                    data = data.replace(old, new)
                if self.fault and self.fault.lie:
                    self.tell(self.fault)
                else:
                    self.answer(answer.status, data, answer.getheaders())

            def tell(self, fault: Fault) -> None:
                status, text = fault.answer or (200, "")
                for name, value in self.headers.items():
                    text = text.replace(f"{{{name.lower()}}}", value)
                self.answer(status, text.encode(), list(fault.headers))

            def answer(self, status: int, data: bytes, headers: list[tuple[str, str]]) -> None:
                if self.fault and self.fault.drop == "after":
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in headers:
                    if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if self.command != "HEAD":
                    half = self.fault and self.fault.cut
                    self.wfile.write(data[: len(data) // 2] if half else data)
                    self.close_connection |= bool(half)

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                target = self.headers.get("X-Amz-Target", "")
                operation = target.rpartition(".")[2] or f"{self.command} {self.path}"
                outer.log.append(operation)
                striking = (each for each in outer.faults if each.take(operation))
                self.fault = next(striking, None)
                if self.fault and self.fault.release:
                    assert self.fault.release.wait(30)
                if self.fault and self.fault.drop == "before":
                    self.close_connection = True
                elif self.fault and self.fault.answer and not self.fault.lie:
                    self.tell(self.fault)
                else:
                    self.forward(body)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def fail(self, operation: str, **fault: Any) -> Fault:
        """Adds a fault."""
        added = Fault(operation, **fault)
        self.faults.append(added)
        return added


@contextlib.contextmanager
def proxy_to(sandbox_url: str) -> Iterator[Proxy]:
    """A running proxy."""
    proxy = Proxy(sandbox_url)
    yield proxy
    proxy.server.shutdown()
    proxy.server.server_close()


def ecr_error(code: str, status: int = 400) -> Answer:
    """An answer of ECR's JSON protocol."""
    return status, f'{{"__type": "{code}", "message": "told by the test"}}'


def s3_error(code: str, status: int) -> Answer:
    """An answer of S3."""
    return status, f"<Error><Code>{code}</Code><Message>told by the test</Message></Error>"


def _after(owner: type, name: str, nth: int, then: Callable[[], None]) -> None:
    original = getattr(owner, name)
    calls = iter(range(1, sys.maxsize))

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        if next(calls) == nth:
            then()
        return result

    setattr(owner, name, wrapped)


def _die() -> None:
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)


def _kill_after(call: str, nth: int) -> None:
    owner, _, name = call.partition(".")
    _after({"EcrRegistry": EcrRegistry, "State": State}[owner], name, nth, _die)


def _fill_at(nth: int, mode: str) -> None:
    original = os.fsync
    calls = iter(range(1, sys.maxsize))

    def fsync(handle: Any) -> None:
        call = next(calls)
        if call == nth or (mode == "on" and call > nth):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        original(handle)

    setattr(os, "fsync", fsync)  # noqa: B010 - a fault, not a definition


def _cut_at(nth: int) -> None:
    original = os.fsync
    calls = iter(range(1, sys.maxsize))

    def fsync(handle: Any) -> None:
        if next(calls) == nth:
            _die()
        original(handle)

    setattr(os, "fsync", fsync)  # noqa: B010 - a fault, not a definition


def _hurry() -> None:
    pause = time.sleep

    def sleep(seconds: float) -> None:
        pause(seconds / 20)

    setattr(time, "sleep", sleep)  # noqa: B010 - no definition either


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["kill", call, nth, *words]:
            _kill_after(call, int(nth))
        case ["full", nth, mode, *words]:
            _fill_at(int(nth), mode)
        case ["cut", nth, *words]:
            _cut_at(int(nth))
        case ["hurry", *words]:
            _hurry()
        case others:
            sys.exit(f"no fault: {others}")
    sys.exit(run(words))
