"""How files are made and replaced, and what a writer that was killed leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from planner.errors import PlannerError
from planner.stores.files import create, save_copy, temporary_in, write_atomically
from planner.stores.folders import opened

DYING = """
import os, signal, sys
from planner.stores.files import temporary_in
with temporary_in(os.open(sys.argv[1], os.O_RDONLY), b"half"):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def left(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_what_a_killed_writer_leaves_is_swept_by_the_next(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", DYING, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(left(tmp_path)) == 1
    write_atomically(tmp_path / "a", b"x", "file")
    assert left(tmp_path) == ["a"]


def test_what_a_living_writer_has_is_left_alone(tmp_path: Path) -> None:
    with opened(tmp_path) as folder, temporary_in(folder, b"half") as mine:
        write_atomically(tmp_path / "a", b"x", "file")
        assert left(tmp_path) == [mine, "a"]
    assert left(tmp_path) == ["a"]


def test_what_only_looks_like_a_left_over_file_is_no_trap(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".planner-0000000000000000.tmp")
    (tmp_path / ".planner-0000000000000001.tmp").mkdir()
    write_atomically(tmp_path / "a", b"x", "file")
    assert (tmp_path / "a").read_bytes() == b"x"


def test_a_file_that_is_made_replaces_none(tmp_path: Path) -> None:
    create(tmp_path, tmp_path / "a" / "b", b"one", "file")
    with pytest.raises(PlannerError, match="exists"):
        create(tmp_path, tmp_path / "a" / "b", b"two", "file")
    assert (tmp_path / "a" / "b").read_bytes() == b"one"
    assert left(tmp_path / "a") == ["b"]


def test_a_file_system_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", link)
    assert save_copy(tmp_path, "c.json", b"one").read_bytes() == b"one"
    assert save_copy(tmp_path, "c.json", b"two").read_bytes() == b"two"
    assert left(tmp_path) == ["c-2.json", "c.json"]


@pytest.mark.parametrize("kind", ["fifo", "folder"])
def test_what_is_no_regular_file_is_not_replaced(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a"
    if kind == "fifo":
        os.mkfifo(path)
    else:
        path.mkdir()
    with pytest.raises(PlannerError, match="no regular file"):
        write_atomically(path, b"x", "file")
    assert left(tmp_path) == ["a"]


def test_copies_are_saved_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    first = save_copy(tmp_path, "c.json", b"one")
    assert save_copy(tmp_path, "c.json", b"one") == first == tmp_path / "c.json"
    assert save_copy(tmp_path, "c.json", b"two") == tmp_path / "c-2.json"
    assert save_copy(tmp_path, "c.json", b"two") == tmp_path / "c-2.json"
    assert left(tmp_path) == ["c-2.json", "c.json"]
    assert first.stat().st_mode & 0o777 == 0o600


def test_files_have_the_rights_that_the_user_wants(tmp_path: Path) -> None:
    former = os.umask(0o027)
    try:
        write_atomically(tmp_path / "a", b"x", "file")
    finally:
        os.umask(former)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640
