"""One signal ends an apply in order, a second at once."""

from __future__ import annotations

import signal
import threading

import pytest

from tests.support.faults import Proxy
from tests.support.project import AFTER, BEFORE, WAIT, Project


def held_at(operation: str, local: Project, proxy: Proxy, *signals: int) -> tuple[int, str, str]:
    """Applies through the proxy and sends signals while `operation` waits for its answer."""
    fault = proxy.fail(operation, release=threading.Event(), times=1)
    assert fault.release is not None
    with local.cli.start("apply", "plan.json", AWS_ENDPOINT_URL=proxy.url) as process:
        assert fault.seen.wait(30)
        assert process.stderr is not None
        heard = ""
        for number in signals:
            process.send_signal(number)
            if number == signals[0] and not heard:
                heard = process.stderr.readline()
        fault.release.set()
        output, rest = process.communicate(timeout=60)
    return process.returncode, output, heard + rest


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_finishes_the_step_in_hand(local: Project, proxy: Proxy, number: int) -> None:
    code, output, heard = held_at("PutRegistryPolicy", local, proxy, number)
    assert "finishing the step in hand" in heard
    assert code == 0
    assert "Apply complete!" in output
    local.assert_settled(AFTER, 1)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_before_the_write_stops_it(local: Project, proxy: Proxy, number: int) -> None:
    code, _, heard = held_at("GetRegistryPolicy", local, proxy, number)
    assert code == 130
    assert "Nothing was changed." in heard
    assert local.live_is(BEFORE)
    assert local.documents() == {}


def test_a_second_signal_leaves_the_journal(local: Project, proxy: Proxy) -> None:
    code, _, heard = held_at("PutRegistryPolicy", local, proxy, signal.SIGINT, signal.SIGINT)
    assert code == 130
    assert "Traceback" not in heard
    assert set(local.documents()) == {"us-west-2.journal.json", "us-west-2.lock.json"}
    local.cli("recover", *WAIT)
    local.cli("apply", "plan.json", *WAIT)
    local.assert_settled(AFTER, 1)
