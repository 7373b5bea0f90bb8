"""A store that answers as S3 does, but for what planner cannot do without."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from planner.aws.session import Connection
from planner.config.settings import Endpoint
from planner.errors import PlannerError
from planner.stores.s3 import S3Blobs, S3Location


class NoTag(BaseHTTPRequestHandler):
    """Says yes to everything, and never gives an ETag."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def blobs(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Blobs]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    server = ThreadingHTTPServer(("127.0.0.1", 0), NoTag)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    yield S3Blobs(S3Location("bucket", ""), Connection("us-west-2", None, Endpoint(url), None))
    server.shutdown()
    server.server_close()


def test_an_answer_without_an_etag_is_an_error_for_people(blobs: S3Blobs) -> None:
    with pytest.raises(PlannerError) as reading:
        blobs.read("a.json")
    with pytest.raises(PlannerError) as writing:
        blobs.compare_and_swap("a.json", b"{}", None)
    for caught in (reading, writing):
        assert "does not answer as AWS does" in caught.value.detail
