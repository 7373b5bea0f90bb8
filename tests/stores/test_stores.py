"""One contract for all stores, and what S3 and a disk can answer."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from planner.aws.session import Connection
from planner.errors import PlannerError
from planner.ports import BlobStore, RaceLostError, StoreBusyError
from planner.stores.local import LocalBlobs
from planner.stores.s3 import S3Blobs, S3Location, parse_location
from tests.support.account import Account
from tests.support.faults import Proxy, proxy_to, s3_error

KEY = "444455556666/us-west-2.json"
STORES = ("local", "s3")


@pytest.fixture
def bucket(account: Account) -> str:
    """A versioned bucket of the sandbox, empty."""
    return account.make_bucket()


@pytest.fixture
def in_environment(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in account.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


@pytest.fixture
def s3(bucket: str, in_environment: None) -> S3Blobs:
    return S3Blobs(S3Location(bucket, "a/prefix/"), Connection())


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    if request.param == "local":
        return LocalBlobs(tmp_path / "state")
    documents: S3Blobs = request.getfixturevalue("s3")
    return documents


@pytest.fixture
def proxy(sandbox_url: str, monkeypatch: pytest.MonkeyPatch, s3: S3Blobs) -> Iterator[Proxy]:
    with proxy_to(sandbox_url) as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL", running.url)
        monkeypatch.setattr("planner.stores.s3._PAUSE", 0.01)
        yield running


def test_what_is_not_there(store: BlobStore) -> None:
    assert store.read(KEY).data is None
    assert store.all_keys() == []


def test_creating_replacing_and_removing(store: BlobStore) -> None:
    first = store.compare_and_swap(KEY, b"one", store.read(KEY).token)
    assert store.read(KEY).data == b"one"
    assert store.read(KEY).token == first
    second = store.compare_and_swap(KEY, b"two", first)
    assert store.read(KEY).data == b"two"
    assert second != first
    store.compare_and_swap(KEY, None, second)
    assert store.read(KEY).data is None
    store.compare_and_swap(KEY, b"three", store.read(KEY).token)
    assert store.read(KEY).data == b"three"


def test_a_swap_that_comes_too_late(store: BlobStore) -> None:
    absent = store.read(KEY).token
    first = store.compare_and_swap(KEY, b"one", absent)
    for token in (absent, "0" * 32, '"0"'):
        with pytest.raises(RaceLostError):
            store.compare_and_swap(KEY, b"late", token)
        with pytest.raises(RaceLostError):
            store.compare_and_swap(KEY, None, token)
    second = store.compare_and_swap(KEY, b"two", first)
    with pytest.raises(RaceLostError):
        store.compare_and_swap(KEY, b"late", first)
    store.compare_and_swap(KEY, None, second)
    with pytest.raises(RaceLostError):
        store.compare_and_swap(KEY, b"late", second)
    assert store.read(KEY).data is None


def test_one_of_many_wins(store: BlobStore) -> None:
    token = store.compare_and_swap(KEY, b"start", store.read(KEY).token)
    won: list[int] = []
    begin = threading.Barrier(6)

    def contend(number: int) -> None:
        begin.wait()
        try:
            store.compare_and_swap(KEY, str(number).encode(), token)
        except RaceLostError:
            return
        won.append(number)

    threads = [threading.Thread(target=contend, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert store.read(KEY).data == str(won[0]).encode()


def test_listing(store: BlobStore) -> None:
    for key in ("2/b.json", "1/a.json", "1/a.lock.json"):
        store.compare_and_swap(key, b"x", store.read(key).token)
    assert store.all_keys() == ["1/a.json", "1/a.lock.json", "2/b.json"]
    store.check_writable(KEY, b"x")
    assert store.all_keys() == ["1/a.json", "1/a.lock.json", "2/b.json"]
    assert KEY in store.where(KEY)
    assert store.warnings() == []


def test_listing_a_folder_and_what_comes_before(store: BlobStore) -> None:
    keys = [
        "1/a.json",
        "2/b.json",
        "history/1/a/1.json",
        "history/1/b/1.json",
        "history/2/a/1.json",
    ]
    for key in keys:
        store.compare_and_swap(key, b"x", store.read(key).token)
    assert store.all_keys() == keys
    assert store.all_keys(before="history/") == keys[:2]
    assert store.all_keys("history/1/") == keys[2:4]
    assert store.all_keys("history/1/b/") == keys[3:4]
    assert store.all_keys("history/3/") == []


def test_what_comes_after_is_not_listed(s3: S3Blobs, proxy: Proxy) -> None:
    for number in range(6):
        for key in (f"{number}/a.json", f"history/1/a/{number}.json"):
            s3.compare_and_swap(key, b"x", None)
    s3._s3.meta.events.register("before-parameter-build.s3.ListObjectsV2", _two_a_page)
    proxy.log.clear()
    assert len(s3.all_keys(before="history/")) == 6
    assert len(proxy.log) == 4
    assert len(s3.all_keys()) == 12


def _two_a_page(params: dict[str, Any], **_: Any) -> None:
    params["MaxKeys"] = 2


def test_every_call_says_whose_the_bucket_is_to_be(bucket: str, in_environment: None) -> None:
    owned = S3Blobs(S3Location(bucket, "", owner="777788889999"), Connection())
    said: list[tuple[str, bytes]] = []

    def record(request: Any, event_name: str, **_: Any) -> None:
        said.append((event_name.rpartition(".")[2], request.headers["x-amz-expected-bucket-owner"]))

    owned._s3.meta.events.register("before-send.s3", record)
    token = owned.compare_and_swap(KEY, b"x", owned.read(KEY).token)
    owned.compare_and_swap(KEY, None, token)
    owned.all_keys()
    owned.check_writable(KEY, b"x")
    owned.warnings()
    operations = {"GetObject", "PutObject", "ListObjectsV2", "GetBucketVersioning"}
    assert {each for each, _ in said} == operations
    assert {owner for _, owner in said} == {b"777788889999"}


def test_locations() -> None:
    assert parse_location("s3://b") == S3Location("b", "")
    assert parse_location("s3://b/p/q/", "key") == S3Location("b", "p/q/", "key")
    assert parse_location("s3://b", None, "1" * 12) == S3Location("b", "", None, "1" * 12)
    with pytest.raises(PlannerError):
        parse_location("s3:///p")


def test_a_bucket_without_versions_gets_a_warning(
    account: Account, s3: S3Blobs, bucket: str
) -> None:
    account.s3_client().put_bucket_versioning(
        Bucket=bucket, VersioningConfiguration={"Status": "Suspended"}
    )
    (warning,) = s3.warnings()
    assert "keeps no versions" in warning


def test_a_kms_key_encrypts_what_is_written(
    account: Account, bucket: str, in_environment: None
) -> None:
    documents = S3Blobs(S3Location(bucket, "", "alias/mine"), Connection())
    token = documents.compare_and_swap(KEY, b"x", None)
    documents.compare_and_swap(KEY, b"y", token)
    head = account.s3_client().head_object(Bucket=bucket, Key=KEY)
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", "alias/mine")


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_lost_answer_is_settled_by_reading(s3: S3Blobs, proxy: Proxy, drop: str) -> None:
    proxy.fail("PUT us-west-2.json", drop=drop, times=1)
    token = s3.compare_and_swap(KEY, b"one", None)
    assert s3.read(KEY).token == token
    assert s3.read(KEY).data == b"one"


@pytest.mark.parametrize(
    "answer",
    [s3_error("ConditionalRequestConflict", 409), s3_error("SlowDown", 503)],
)
def test_a_passing_refusal_is_tried_again(s3: S3Blobs, proxy: Proxy, answer: Any) -> None:
    proxy.fail("PUT us-west-2.json", answer=answer, times=2)
    s3.compare_and_swap(KEY, b"one", None)
    assert s3.read(KEY).data == b"one"


def test_a_precondition_that_failed_for_our_own_first_attempt(s3: S3Blobs, proxy: Proxy) -> None:
    s3.compare_and_swap(KEY, b"one", None)
    proxy.fail("PUT us-west-2.json", answer=s3_error("PreconditionFailed", 412))
    s3.compare_and_swap(KEY, b"one", None)
    with pytest.raises(RaceLostError):
        s3.compare_and_swap(KEY, b"two", None)


@pytest.mark.parametrize(
    ("operation", "answer", "words"),
    [
        ("PUT us-west-2.json", s3_error("AccessDenied", 403), "lack s3:PutObject"),
        ("PUT us-west-2.json", s3_error("SlowDown", 503), "throttling"),
        ("PUT us-west-2.json", s3_error("InternalError", 500), "a fault of its own"),
        ("PUT us-west-2.json", s3_error("ConditionalRequestConflict", 409), "Conflict"),
        ("GET us-west-2.json", s3_error("AccessDenied", 403), "lack s3:GetObject"),
        ("GET us-west-2.json", s3_error("NoSuchBucket", 404), "no such bucket"),
    ],
)
def test_a_lasting_refusal_is_told(
    s3: S3Blobs, proxy: Proxy, operation: str, answer: Any, words: str
) -> None:
    proxy.fail(operation, answer=answer)
    with pytest.raises(PlannerError) as caught:
        s3.compare_and_swap(KEY, b"one", s3.read(KEY).token)
    assert words in caught.value.detail
    assert KEY in caught.value.summary


def test_a_state_that_another_program_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("planner.stores.local._PATIENCE", 0.1)
    folder = tmp_path / "state"
    store = LocalBlobs(folder)
    store.compare_and_swap(KEY, b"one", None)
    with (folder / ".swap").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(StoreBusyError, match="Another program holds the state"):
            store.compare_and_swap(KEY, b"two", store.read(KEY).token)
    store.compare_and_swap(KEY, b"two", store.read(KEY).token)


def test_a_lock_file_that_was_removed_while_it_was_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("planner.stores.local._PATIENCE", 60)
    folder = tmp_path / "state"
    store = LocalBlobs(folder)
    store.compare_and_swap(KEY, b"one", None)
    lock = folder / ".swap"
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        waiting = threading.Thread(
            target=store.compare_and_swap, args=(KEY, b"two", store.read(KEY).token)
        )
        waiting.start()
        time.sleep(0.05)
        lock.unlink()
        with lock.open("x") as new:
            fcntl.flock(new, fcntl.LOCK_EX)
            fcntl.flock(held, fcntl.LOCK_UN)
            time.sleep(0.05)
            assert store.read(KEY).data == b"one"
    waiting.join()
    assert store.read(KEY).data == b"two"


def test_a_pipe_in_the_state_keeps_nobody_waiting(tmp_path: Path) -> None:
    path = tmp_path / "state" / KEY
    path.parent.mkdir(parents=True)
    os.mkfifo(path)
    store = LocalBlobs(tmp_path / "state")
    with pytest.raises(PlannerError, match="no regular file"):
        store.read(KEY)
    os.mkfifo(tmp_path / "state" / ".swap")
    with pytest.raises(PlannerError, match="no regular file"):
        store.compare_and_swap("1/a.json", b"x", None)


def test_the_name_of_a_place_is_the_same_in_every_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    (tmp_path / "repository" / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "repository" / "sub")
    for path in ("kept", "../sub/kept", str(tmp_path / "repository/sub/kept")):
        assert LocalBlobs(Path(path)).place == "sub/kept"
    assert LocalBlobs(Path("../../kept")).place == str(tmp_path / "kept")
