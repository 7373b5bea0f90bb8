"""IAM Access Analyzer, played by a small server on the loopback."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from planner.aws.access_analyzer import AccessAnalyzer
from planner.aws.session import Connection
from planner.config.settings import Endpoint
from planner.errors import PlannerError
from planner.ports import AnalyzerFinding
from tests.support.policies import document, statement

TOKEN = "session-token-that-nobody-may-see"
POLICY = document(statement("A"))

Answer = tuple[int, Any, str]


class FakeAnalyzer:
    """Gives the answers in turn, each a status, a body and an error code or `""`."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.requests: list[tuple[str, dict[str, list[str]], dict[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                parts = urlsplit(self.path)
                outer.requests.append((parts.path, parse_qs(parts.query), json.loads(body)))
                status, answer, code = outer.answers.pop(0)
                data = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
                self.send_response(status)
                if code:
                    self.send_header("x-amzn-ErrorType", code)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        # Its default, half a second, is how long each test would wait for its end.
        serve = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        serve.start()

    def says(self, *findings: dict[str, Any], more: str | None = None) -> None:
        """Adds a page of findings; `more` is the token of the page after it."""
        self.answers.append((200, {"findings": list(findings), "nextToken": more}, ""))

    def validate(self, text: str = POLICY) -> list[AnalyzerFinding]:
        """Asks it."""
        url = f"http://127.0.0.1:{self.server.server_address[1]}"
        return AccessAnalyzer(Connection("us-west-2", endpoint=Endpoint(url))).validate(text)

    def failure(self, *answer: Any) -> str:
        """The message where this is the answer, checked for secrets."""
        self.answers.append(answer)
        with pytest.raises(PlannerError) as caught:
            self.validate()
        error = caught.value
        message = f"{error.summary}\n{error.detail}\n{error.hint}"
        assert TOKEN not in message
        assert error.summary == "planner could not ask IAM Access Analyzer."
        return message
