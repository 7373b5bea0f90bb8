"""A local ECR for first steps, the demo and the tests: moto's server, with its ECR corrected."""

from __future__ import annotations

import contextlib
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from planner.errors import PlannerError
from planner.sandbox.corrections import correct_moto

HOST = "127.0.0.1"
DEFAULT_ACCOUNT_ID = "444455556666"
DEFAULT_REGION = "us-west-2"


def _one_at_a_time(app: Callable[..., Any]) -> Callable[..., Any]:
    """S3's conditional writes are atomic, moto's a check and a write: no two requests mix."""
    turn = threading.Lock()

    def serialized(environ: Any, start_response: Any) -> Any:
        with turn:
            return app(environ, start_response)

    return serialized


class Sandbox(ThreadedWSGIServer):
    """The server. `stopping` is set once no request matters any more."""

    stopping = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Prints what went wrong with a request, unless its client or this server just left."""
        if not self.stopping and not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _QuietHandler(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Requests are not logged: a sandbox is not what one wants to read."""


def make_sandbox(port: int, account_id: str = DEFAULT_ACCOUNT_ID) -> Sandbox:
    """A server on 127.0.0.1, not yet serving; port 0 takes a free one.

    Raises PlannerError where the port is taken.
    """
    correct_moto(account_id)
    app = _one_at_a_time(DomainDispatcherApplication(create_backend_app))
    try:
        listening = socket.create_server((HOST, port))
    except OSError:
        raise PlannerError(
            f"The sandbox cannot listen on port {port}.",
            "Another program may be using it.",
            "Choose another with --port, or let --port 0 find a free one.",
        ) from None
    with listening:
        port = listening.getsockname()[1]
        return Sandbox(HOST, port, app, _QuietHandler, fd=listening.fileno())


def environment(server: Sandbox) -> dict[str, str]:
    """The variables that send any AWS client to the sandbox."""
    return {
        "AWS_ENDPOINT_URL": f"http://{HOST}:{server.server_address[1]}",
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_REGION": DEFAULT_REGION,
        "AWS_DEFAULT_REGION": DEFAULT_REGION,
    }


def serve_until_stopped(server: Sandbox, announce: Callable[[], None]) -> None:
    """Announces the server and serves, until SIGINT or SIGTERM."""

    def stop(_signal: int, _frame: object) -> None:
        server.stopping = True
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    with contextlib.suppress(KeyboardInterrupt):
        announce()
        server.serve_forever()
    server.server_close()
