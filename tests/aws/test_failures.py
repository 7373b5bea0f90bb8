"""What AWS and the network can do to a command, and what the user reads then.

A small server on the loopback stands where AWS would, and boto3 is the real one.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from planner.aws.ecr import _likely_causes
from planner.aws.failures import bare_endpoint
from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.policies import document, policy, statement

IDENTITY = """<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<GetCallerIdentityResult><Arn>arn:aws:sts::444455556666:assumed-role/ci/me</Arn>
<UserId>x</UserId><Account>444455556666</Account></GetCallerIdentityResult>
<ResponseMetadata><RequestId>x</RequestId></ResponseMetadata></GetCallerIdentityResponse>"""
TOKEN = "session-token-that-nobody-may-see"
SECRET = "secret-key-that-nobody-may-see"

Answer = tuple[int, dict[str, Any] | str] | None


class FakeAws:
    """Answers each operation as told; None drops the connection without an answer."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {
            "GetCallerIdentity": (200, IDENTITY),
            "GetRegistryPolicy": (400, {"__type": "RegistryPolicyNotFoundException"}),
            "PutRegistryPolicy": (200, {}),
            "GetAccountSetting": (400, {"__type": "ValidationException"}),
        }
        self.calls: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                target = self.headers.get("X-Amz-Target", "x.GetCallerIdentity")
                operation = target.rsplit(".", 1)[1]
                outer.calls.append(operation)
                answer = outer.answers[operation]
                if answer is None:
                    self.close_connection = True
                    return
                status, body = answer
                data = (body if isinstance(body, str) else json.dumps(body)).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def refuse(self, operation: str, code: str, message: str = "", status: int = 400) -> None:
        """Lets an operation fail with an error code."""
        if operation == "GetCallerIdentity":
            error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
            self.answers[operation] = (status, f"<ErrorResponse>{error}</ErrorResponse>")
        else:
            self.answers[operation] = (status, {"__type": code, "message": message})

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def offline(offline: Cli) -> Cli:
    """Nobody waits for tries that are to fail."""
    return offline.hurried()


@pytest.fixture
def aws() -> Iterator[FakeAws]:
    fake = FakeAws()
    yield fake
    fake.server.shutdown()
    fake.server.server_close()


@pytest.fixture
def told(offline: Cli, aws: FakeAws) -> Callable[..., str]:
    """Runs a failing command against the fake and gives its message, checked for secrets."""
    offline.write("registry_policy.json", document(statement()))

    def run(*words: str, **environment: str) -> str:
        settings = {
            "AWS_ENDPOINT_URL": aws.url,
            "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_SESSION_TOKEN": TOKEN,
            "AWS_REGION": "us-west-2",
            **environment,
        }
        message = offline.fails(1, *(words or ("plan",)), **settings)
        assert TOKEN not in message
        assert SECRET not in message
        assert message.count("\n\n") >= 2
        return message

    return run


@pytest.mark.parametrize(
    ("operation", "code", "words"),
    [
        ("GetCallerIdentity", "ExpiredToken", "credentials have expired"),
        ("GetCallerIdentity", "InvalidClientTokenId", "does not know these credentials"),
        ("GetCallerIdentity", "SignatureDoesNotMatch", "refuses the signature"),
        ("GetCallerIdentity", "AccessDenied", "lack sts:GetCallerIdentity"),
        ("GetRegistryPolicy", "ExpiredTokenException", "credentials have expired"),
        ("GetRegistryPolicy", "UnrecognizedClientException", "does not know these"),
        ("GetRegistryPolicy", "InvalidSignatureException", "refuses the signature"),
        ("GetRegistryPolicy", "AccessDeniedException", "lack ecr:GetRegistryPolicy"),
        ("GetRegistryPolicy", "ThrottlingException", "throttling"),
        ("GetRegistryPolicy", "SomethingNew", "AWS answered SomethingNew"),
        ("GetRegistryPolicy", "ValidationException", "AWS answered ValidationException: hello"),
        ("GetRegistryPolicy", "IncompleteSignatureException", "refuses the signature"),
    ],
)
def test_what_aws_answers(
    aws: FakeAws, told: Callable[..., str], operation: str, code: str, words: str
) -> None:
    aws.refuse(operation, code, "hello" if code == "ValidationException" else f"token {TOKEN}")
    assert words in told()


def test_a_fault_of_aws(aws: FakeAws, told: Callable[..., str]) -> None:
    aws.refuse("GetRegistryPolicy", "ServerException", status=500)
    assert "a fault of its own (ServerException)" in told()


def test_a_lost_answer_to_a_read(aws: FakeAws, told: Callable[..., str]) -> None:
    aws.answers["GetRegistryPolicy"] = None
    assert "was lost before an answer came" in told()


def test_an_unreachable_endpoint(told: Callable[..., str]) -> None:
    message = told(AWS_ENDPOINT_URL="http://user:hunter2@127.0.0.1:9")
    assert "http://127.0.0.1:9 cannot be reached" in message
    assert "hunter2" not in message
    assert "The endpoint is no URL" in told("plan", "--endpoint-url", "nonsense")


def test_no_region(told: Callable[..., str]) -> None:
    assert "--region us-west-2" in told(AWS_REGION="")


def test_no_credentials(offline: Cli, aws: FakeAws) -> None:
    offline.write("registry_policy.json", document(statement()))
    settings = {"AWS_ENDPOINT_URL": aws.url, "AWS_REGION": "us-west-2"}
    assert "planner sandbox" in offline.fails(1, "plan", **settings)
    message = offline.fails(1, "plan", AWS_ACCESS_KEY_ID="x", **settings)
    assert "incomplete" in message
    assert "no such profile" in offline.fails(1, "plan", "--profile", "nobody", **settings)
    assert aws.calls == []


def test_typing_errors_show_before_aws_is_asked(offline: Cli) -> None:
    offline.write("registry_policy.json", "{")
    assert "registry_policy.json:1:2" in offline.fails(6, "plan")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("AccessDeniedException", "lack ecr:PutRegistryPolicy"),
        ("ExpiredTokenException", "have expired"),
        ("ThrottlingException", "throttling"),
    ],
)
def test_a_write_that_is_refused(
    aws: FakeAws, told: Callable[..., str], code: str, words: str
) -> None:
    aws.refuse("PutRegistryPolicy", code)
    assert words in told("apply", "--auto-approve")


def test_a_refused_policy_on_a_registry_of_unknown_scope(
    aws: FakeAws, told: Callable[..., str]
) -> None:
    aws.refuse("PutRegistryPolicy", "InvalidParameterException", "Invalid registry policy provided")
    message = told("apply", "--auto-approve")
    assert "ECR refused the policy" in message
    assert "policy scope V1" in message


def test_a_refusal_calls_a_statement_as_the_plan_does() -> None:
    rule = policy(statement(None, Action="ecr:PutImage"))
    told = _likely_causes(rule, ("statement[4]",), "aws", "V1")
    assert "  - statement[4]: 'ecr:PutImage' needs registry policy scope V2" in told


def test_a_write_whose_answer_is_lost(aws: FakeAws, told: Callable[..., str]) -> None:
    aws.answers["PutRegistryPolicy"] = None
    message = told("apply", "--auto-approve")
    assert "was lost before an answer came" in message
    assert "is as it was before" in message
    assert aws.calls.count("PutRegistryPolicy") == 1
    assert aws.calls.count("GetRegistryPolicy") > 3


def test_a_write_that_took_effect_and_whose_answer_was_lost(
    offline: Cli, aws: FakeAws, account: Account
) -> None:
    offline.write("registry_policy.json", document(statement()))
    text = document(statement())
    live = (200, {"registryId": "444455556666", "policyText": text})
    aws.answers["PutRegistryPolicy"] = None
    reads = iter([aws.answers["GetRegistryPolicy"]] * 2)

    class Answers(dict[str, Answer]):
        def __getitem__(self, key: str) -> Answer:
            return next(reads, live) if key == "GetRegistryPolicy" else super().__getitem__(key)

    aws.answers = Answers(aws.answers)
    settings = {**account.environment, "AWS_ENDPOINT_URL": aws.url}
    output = offline.ok("apply", "--auto-approve", **settings)
    assert "The answer was lost; reading back" in output
    assert "Apply complete! Resources: 1 added" in output


def test_somebody_else_writes_at_the_same_moment(aws: FakeAws, told: Callable[..., str]) -> None:
    live = (200, {"policyText": document(statement("Theirs", "999999999999"))})
    reads = iter([aws.answers["GetRegistryPolicy"]] * 2)

    class Answers(dict[str, Answer]):
        def __getitem__(self, key: str) -> Answer:
            return next(reads, live) if key == "GetRegistryPolicy" else super().__getitem__(key)

    aws.answers = Answers(aws.answers)
    message = told("apply", "--auto-approve")
    assert "Somebody else changed the policy" in message
    assert 'statement["Theirs"]' in message


def test_endpoints_are_shown_without_user_and_password() -> None:
    assert bare_endpoint("https://u:p@host:8443/x") == "https://host:8443"
    assert bare_endpoint("https://host/x") == "https://host"
    for broken in (
        "user:hunter2@host:1",
        "http://u:hun/ter2@h:1",
        "http:/u:hunter2@h",
        "http://u:h@r2@h",
    ):
        assert bare_endpoint(broken) == "the endpoint"


@pytest.mark.parametrize("body", ["[1]", '"x"', "null", "<html>"])
def test_an_answer_to_a_write_that_makes_no_sense_is_unknown(
    aws: FakeAws, told: Callable[..., str], body: str
) -> None:
    aws.answers["PutRegistryPolicy"] = (200, body)
    message = told("apply", "--auto-approve")
    assert "is as it was before" in message
    assert "defect" not in message


@pytest.mark.parametrize("operation", ["GetCallerIdentity", "GetRegistryPolicy"])
@pytest.mark.parametrize(
    "answer",
    [
        (200, "<html>log in</html>"),
        (403, "<html>"),
        (200, "{}"),
        (400, '{"__type": 5}'),
        (200, "[1]"),
    ],
)
def test_what_is_not_aws(
    aws: FakeAws, told: Callable[..., str], operation: str, answer: Answer
) -> None:
    aws.answers[operation] = answer
    message = told()
    assert "planner could not" in message
    assert "defect" not in message


def test_configurations_that_do_not_work(told: Callable[..., str], tmp_path: Path) -> None:
    broken = tmp_path / "aws-config"
    broken.write_text("[profile")
    for settings in (
        {"AWS_MAX_ATTEMPTS": "abc"},
        {"AWS_REGION": "\x1b[31mX"},
        {"AWS_CONFIG_FILE": str(broken)},
    ):
        message = told("plan", **settings)
        assert "defect" not in message
        assert "\x1b" not in message
