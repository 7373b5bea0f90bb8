"""The history of a registry's state, kept in the store of its snapshot."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from planner.errors import PlannerError
from planner.ports import BlobStore, RaceLostError
from planner.records.history_key import history_key, serial_in
from planner.records.snapshot import Snapshot, load_snapshot


def keep(blobs: BlobStore, snapshot: Snapshot, data: bytes) -> str:
    """Keeps the document of a snapshot, once, and gives its key."""
    key = history_key(snapshot.registry, snapshot.serial, data)
    stands = blobs.read(key)
    if stands.data is None:
        # Who is faster writes the same bytes.
        with contextlib.suppress(RaceLostError):
            blobs.compare_and_swap(key, data, stands.token)
    return key


def is_kept(blobs: BlobStore, key: str) -> bool:
    """Whether there is a document of this key."""
    return blobs.read(key).data is not None


def walk(blobs: BlobStore, newest: Snapshot) -> Iterator[Snapshot | PlannerError]:
    """A snapshot and all that it followed, newest first.

    Where a document is missing or is not what was written, the last is the error that says so.
    """
    snapshot = newest
    yield snapshot
    try:
        while snapshot.predecessor is not None:
            snapshot = _before(blobs, snapshot, snapshot.predecessor)
            yield snapshot
    except PlannerError as error:
        yield error
        return
    for record in snapshot.history:  # of a planner that kept no documents, and knew no owners
        yield Snapshot(snapshot.lineage, snapshot.registry, record)


def _before(blobs: BlobStore, snapshot: Snapshot, key: str) -> Snapshot:
    registry, where = snapshot.registry, blobs.where(key)
    serial = serial_in(key, registry)
    data = blobs.read(key).data
    if data is None:
        raise _ends(f"The document of serial {serial} is missing: {where}")
    if key != history_key(registry, serial, data):
        raise _ends(f"The document of serial {serial} is not what was written: {where}")
    try:
        found = load_snapshot(data.decode(), where, registry)
    except (UnicodeDecodeError, PlannerError) as error:
        why = error.summary if isinstance(error, PlannerError) else f"{where} is not UTF-8 text."
        raise _ends(why) from error
    if (found.lineage, found.serial) != (snapshot.lineage, serial) or serial >= snapshot.serial:
        raise _ends(f"The document does not belong before serial {snapshot.serial}: {where}")
    return found


def _ends(why: str) -> PlannerError:
    return PlannerError(
        "The history ends here.", why, "What came before is not known; plan and apply go on."
    )
