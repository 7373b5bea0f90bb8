"""Projects that are planned and applied: their policies, their state, and what must hold."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from planner.config.settings import DEFAULT_STATE
from planner.policy.canonical import canonicalise
from planner.policy.parse import parse_policy
from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.policies import document, statement
from tests.support.schema import JOURNAL, SNAPSHOT

POLICY = document(statement("A"), statement("B", "222233334444"))


def same(one: str | None, other: str) -> bool:
    """Whether two texts are the same policy."""
    assert one is not None
    return canonicalise(parse_policy(one).policy) == canonicalise(parse_policy(other).policy)


def state_of(cli: Cli, account: Account) -> dict[str, object]:
    """The recorded snapshot."""
    path = cli.folder / ".planner/state" / account.account_id / "us-west-2.json"
    document: dict[str, object] = json.loads(path.read_text())
    SNAPSHOT.validate(document)
    return document


BEFORE = document(statement("Before", "333344445555", Action="ecr:PutImage"))
AFTER = document(statement("After", "222233334444"))
THEIRS = document(statement("Theirs", "999999999999"))
LEASE = "1s"
LONG_LEASE = "60s"
WAIT = ("--lock-timeout", "20s")


@dataclass
class Project:
    """A project whose plan leads from BEFORE to AFTER, on one of the stores."""

    cli: Cli
    account: Account
    store: str

    @property
    def place(self) -> str:
        """Where its state lies, as a plan has it."""
        bucket = f"s3://state-{self.account.account_id}/planner/"
        return bucket if self.store == "s3" else DEFAULT_STATE

    def live_is(self, text: str) -> bool:
        live = self.account.live()
        assert live is not None
        one, other = parse_policy(live).policy, parse_policy(text).policy
        return canonicalise(one) == canonicalise(other)

    def documents(self) -> dict[str, str]:
        """What the store holds of now, by the end of the key; each as its schema says."""
        own = self.account.account_id
        found = {
            key.removeprefix(f"{own}/"): text
            for key, text in self.stored().items()
            if key.startswith(own)
        }
        for name, schema in (("us-west-2.json", SNAPSHOT), ("us-west-2.journal.json", JOURNAL)):
            if name in found:
                schema.validate(json.loads(found[name]))
        return found

    def stored(self) -> dict[str, str]:
        """All that the store holds, by key."""
        if self.store == "local":
            folder = self.cli.folder / ".planner/state"
            found = {
                path.relative_to(folder).as_posix(): path.read_text()
                for path in folder.rglob("*.json")
            }
        else:
            client = self.account.s3_client()
            bucket = f"state-{self.account.account_id}"
            listed = client.list_objects_v2(Bucket=bucket, Prefix="planner/").get("Contents", [])
            found = {
                each["Key"].removeprefix("planner/"): client.get_object(
                    Bucket=bucket, Key=each["Key"]
                )["Body"]
                .read()
                .decode()
                for each in listed
            }
        return {name: text for name, text in found.items() if text}

    def history(self) -> list[dict[str, Any]]:
        """The snapshots of the state, newest first, as their predecessors lead to them.

        Each document of the history is one that was written whole, and leads on.
        """
        stored = self.stored()
        key: str | None = f"{self.account.account_id}/us-west-2.json"
        found = []
        while key is not None:
            found.append(json.loads(stored[key]))
            SNAPSHOT.validate(found[-1])
            key = found[-1]["predecessor"]
            assert key is None or sha256(stored[key].encode()).hexdigest()[:16] in key
        return found

    def assert_settled(self, text: str, serial: int) -> None:
        """The registry, the state and the file agree, and nothing is left behind."""
        assert self.live_is(text)
        documents = self.documents()
        snapshot = json.loads(documents.pop("us-west-2.json"))
        assert documents == {}
        assert snapshot["serial"] == serial
        assert [each["serial"] for each in self.history()] == list(range(serial, 0, -1))
        recorded = parse_policy(json.dumps(snapshot["policy"])).policy
        assert canonicalise(recorded) == canonicalise(parse_policy(text).policy)
        result = self.cli("plan", "--detailed-exitcode")
        assert (result.returncode, result.stderr) == (0, "")


def make_project(cli: Cli, account: Account, store: str, lease: str = LEASE) -> Project:
    """A project on one of the stores, with its plan saved."""
    settings = f'lock_lease = "{lease}"\n'
    if store == "s3":
        bucket = account.make_bucket()
        settings += f'state = "s3://{bucket}/planner/"\n'
    cli.write("planner.toml", settings)
    account.put(BEFORE)
    cli.write("registry_policy.json", AFTER)
    cli.ok("plan", "--out", "plan.json")
    return Project(cli, account, store)
