"""A proxy that answers in ECR's or S3's place, after the request went through or instead of it."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.faults import Answer, Proxy, ecr_error
from tests.support.project import AFTER, BEFORE, WAIT, Project, make_project

PAGE = "<html><body><h1>Blocked by policy</h1></body></html>"
LIES: dict[str, Answer] = {
    "a page of 403": (403, PAGE),
    "a page of 404": (404, PAGE),
    "a page of 407": (407, PAGE),
    "a page of 429": (429, PAGE),
    "a page of 502": (502, PAGE),
    "nothing": (403, ""),
    "a redirect": (302, ""),
    "a redirect with a code of AWS": (307, ecr_error("AccessDeniedException")[1]),
    "JSON of its own": (400, '{"error": "blocked", "message": "AccessDeniedException"}'),
    "a code of its own": ecr_error("BlockedByPolicy"),
    "half a refusal": (400, ecr_error("AccessDeniedException")[1][:20]),
    "a refusal with a status of 500": ecr_error("AccessDeniedException", 500),
    "a list": (400, "[]"),
}
LOCATION = (("Location", "http://127.0.0.1:9/log-in"),)


@pytest.mark.parametrize("lie", LIES)
def test_the_policy_went_through(local: Project, proxy: Proxy, lie: str) -> None:
    proxy.fail("PutRegistryPolicy", answer=LIES[lie], lie=True, headers=LOCATION)
    output = local.cli.ok("apply", "plan.json", AWS_ENDPOINT_URL=proxy.url)
    assert "The answer was lost; reading back" in output
    assert proxy.log.count("PutRegistryPolicy") == 1
    local.assert_settled(AFTER, 1)


@pytest.mark.parametrize("lie", ["a page of 403", "a redirect", "a code of its own"])
def test_the_policy_went_nowhere(local: Project, proxy: Proxy, lie: str) -> None:
    proxy.fail("PutRegistryPolicy", answer=LIES[lie], headers=LOCATION)
    message = local.cli.fails(1, "apply", "plan.json", AWS_ENDPOINT_URL=proxy.url)
    assert "is as it was before" in message
    assert "<html>" not in message
    assert local.live_is(BEFORE)
    assert set(local.documents()) == {"us-west-2.journal.json", "us-west-2.lock.json"}
    assert "nothing had been written" in local.cli("apply", "plan.json", *WAIT).stdout
    local.assert_settled(AFTER, 1)


@pytest.mark.parametrize("fault", [{"cut": True}, {"answer": (200, PAGE), "lie": True}])
def test_an_answer_that_says_little_is_read_back(
    local: Project, proxy: Proxy, fault: dict[str, Any]
) -> None:
    proxy.fail("PutRegistryPolicy", **fault)
    local.cli.ok("apply", "plan.json", AWS_ENDPOINT_URL=proxy.url)
    local.assert_settled(AFTER, 1)


def test_a_page_that_says_yes_is_not_believed(local: Project, proxy: Proxy) -> None:
    proxy.fail("PutRegistryPolicy", answer=(200, PAGE))
    message = local.cli.fails(1, "apply", "plan.json", AWS_ENDPOINT_URL=proxy.url)
    assert "still shows the old one" in message
    assert "us-west-2.journal.json" in local.documents()
    assert "nothing had been written" in local.cli("apply", "plan.json", *WAIT).stdout
    local.assert_settled(AFTER, 1)


def test_a_proxy_that_lies_from_then_on(local: Project, proxy: Proxy) -> None:
    put = proxy.fail("PutRegistryPolicy", answer=(403, PAGE), lie=True)

    def lie() -> None:
        put.seen.wait(30)
        proxy.fail("GetRegistryPolicy", answer=(403, PAGE))

    threading.Thread(target=lie, daemon=True).start()
    message = local.cli.fails(1, "apply", "plan.json", AWS_ENDPOINT_URL=proxy.url)
    assert "cannot be read back" in message
    assert "does not answer as AWS does. It answers with HTTP status 403" in message
    assert "us-west-2.journal.json" in local.documents()
    assert "Recorded in the state: serial 1" in local.cli("recover", *WAIT).stdout
    local.assert_settled(AFTER, 1)


def test_a_deletion_that_went_through(local: Project, proxy: Proxy) -> None:
    local.cli.ok("plan", "--destroy", "--out", "plan.json")
    proxy.fail("DeleteRegistryPolicy", answer=(403, PAGE), lie=True)
    output = local.cli.ok("apply", "plan.json", AWS_ENDPOINT_URL=proxy.url)
    assert "1 destroyed" in output
    assert local.account.live() is None
    assert set(local.documents()) == {"us-west-2.json"}


def test_a_refusal_of_aws_is_one(local: Project, proxy: Proxy) -> None:
    proxy.fail("PutRegistryPolicy", answer=ecr_error("AccessDeniedException", 400))
    message = local.cli.fails(1, "apply", "plan.json", AWS_ENDPOINT_URL=proxy.url)
    assert "lack ecr:PutRegistryPolicy" in message
    assert local.documents() == {}


@pytest.mark.parametrize("document", ["us-west-2.json", ".journal.json", ".lock.json"])
def test_no_page_says_that_the_state_has_nothing(
    cli: Cli, account: Account, proxy: Proxy, document: str
) -> None:
    project = make_project(cli, account, "s3")
    proxy.fail(f"GET {document}", answer=(404, PAGE))
    message = cli.fails(1, "apply", "plan.json", AWS_ENDPOINT_URL=proxy.url)
    assert "does not answer as AWS does" in message
    assert "PutRegistryPolicy" not in proxy.log
    assert project.live_is(BEFORE)


@pytest.mark.parametrize("answer", [(403, PAGE), (200, "")])
def test_a_snapshot_that_went_through(
    cli: Cli, account: Account, proxy: Proxy, answer: Answer
) -> None:
    project = make_project(cli, account, "s3")
    proxy.fail("PUT us-west-2.json", answer=answer, lie=True)
    cli.ok("apply", "plan.json", AWS_ENDPOINT_URL=proxy.url)
    project.assert_settled(AFTER, 1)


@pytest.mark.parametrize("answer", [(403, PAGE), (200, "")])
def test_a_snapshot_that_went_nowhere(
    cli: Cli, account: Account, proxy: Proxy, answer: Answer
) -> None:
    project = make_project(cli, account, "s3")
    proxy.fail("PUT us-west-2.json", answer=answer)
    message = cli.fails(1, "apply", "plan.json", AWS_ENDPOINT_URL=proxy.url)
    assert "the state could not be written" in message
    assert "us-west-2.journal.json" in project.documents()
    assert "Recorded in the state: serial 1" in cli("recover", *WAIT).stdout
    project.assert_settled(AFTER, 1)
