"""Making a plan: three documents in, one value out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from planner import __version__
from planner.errors import InvalidPolicyError, PlannerError
from planner.guard.settings import Guard
from planner.lint.finding import Finding
from planner.plans.plan import Plan, Source, StateRef
from planner.policy.canonical import CURRENT_VERSION, canonicalise
from planner.policy.document import POLICY_SIZE_LIMIT, Policy
from planner.policy.json_text import decode, parse_json
from planner.policy.parse import parse_policy
from planner.records.snapshot import Snapshot
from planner.registry import Registry

TOOL = f"planner {__version__}"


@dataclass(frozen=True, slots=True)
class Desired:
    """What the file asks for, as parsed; None for no policy, which `--destroy` asks for.

    `findings` are what a reader of the plan should know about the file.
    """

    policy: Policy | None
    source: Source | None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """What planner.toml says of plans: the guard, and the names of accounts."""

    guard: Guard
    accounts: Mapping[str, str]


MAX_SAVED_BYTES = 16 * POLICY_SIZE_LIMIT
"""The largest saved policy read, in bytes: escaped inside an answer, and generously indented."""

_MEND_LIVE = "Mend the policy in the ECR console, then plan again."
_FETCH_AGAIN = "Fetch it again: aws ecr get-registry-policy > FILE"


def parse_live(text: str | bytes, name: str = "the live policy", hint: str = _MEND_LIVE) -> Policy:
    """The policy that ECR holds. Raises PlannerError for one that breaks IAM's grammar."""
    try:
        return parse_policy(text, name).policy
    except InvalidPolicyError as error:
        raise PlannerError(
            f"planner cannot read {name}.",
            error.detail,
            hint,
        ) from error


def read_saved_live(data: bytes, name: str) -> tuple[Policy, str | None]:
    """The policy in a saved file, as parsed, and the account id where the file names one.

    The file holds the policy itself, or the whole answer of `aws ecr get-registry-policy`.
    """
    if not data.strip():
        raise PlannerError(
            f"{name} is empty.",
            "An empty file is what a failed `aws ecr get-registry-policy` leaves.",
            "Fetch the policy again. If the registry has none: --live /dev/null",
        )
    if len(data) > MAX_SAVED_BYTES:
        raise PlannerError(f"{name} is larger than any registry policy.", "", _FETCH_AGAIN)
    tree, _, _ = parse_json(decode(data)[0])
    if tree and (answer := tree.member("policyText")) and answer.kind == "string":
        if tree.member("repositoryName"):
            raise PlannerError(
                f"{name} is the policy of a repository, not of the registry.", "", _FETCH_AGAIN
            )
        account = tree.member("registryId")
        policy = parse_live(answer.value, f"{name} (policyText)", _FETCH_AGAIN)
        return policy, account.value if account and account.kind == "string" else None
    return parse_live(data, name, _FETCH_AGAIN), None


def make_plan(  # noqa: PLR0913 - three documents, and what they are of
    desired: Desired,
    registry: Registry,
    live: Policy | None,
    snapshot: Snapshot | None,
    *,
    compared_with: Literal["ecr", "file"],
    now: str,
    limits: Limits | None = None,
) -> Plan:
    """The plan that leads from the `live` policy, as parsed, to what the file asks for."""
    before = live and canonicalise(live, registry.partition)
    after = desired.policy and canonicalise(desired.policy, registry.partition)
    return Plan(
        registry=registry,
        source=desired.source,
        state=StateRef(snapshot.lineage, snapshot.serial) if snapshot else StateRef(),
        live=compared_with,
        recorded=snapshot.policy if snapshot else None,
        before=before,
        after=after,
        notes=tuple(_notes(live, before, desired.policy, after)) if before != after else (),
        findings=desired.findings,
        guard=limits.guard if limits else Guard(),
        accounts=limits.accounts if limits else {},
        created_at=now,
        tool=TOOL,
    )


def _notes(
    live: Policy | None, before: Policy | None, desired: Policy | None, after: Policy | None
) -> list[str]:
    notes = [
        f"{whose} has {f'Version {policy.version}' if policy.version else 'no Version'}; it is "
        f"written with Version {CURRENT_VERSION}, which means the same without policy variables."
        for whose, policy, canonical in (
            ("The live policy", live, before),
            ("The policy file", desired, after),
        )
        if policy and after and canonical and canonical.version == CURRENT_VERSION != policy.version
    ]
    notes += [
        f"{principal} is the id of a deleted user or role. ECR may refuse it, and "
        "it never means a new one of the same name."
        for principal in _deleted(after)
    ]
    notes += [
        f"{principal} is what AWS left of a deleted user or role; an ARN in its place "
        "binds the user or role that has the name now."
        for principal in sorted(set(_deleted(before)) - set(_deleted(after)))
    ]
    return notes


def _deleted(policy: Policy | None) -> list[str]:
    return sorted(
        {
            principal.text
            for statement in (policy.statements if policy else ())
            for principal in statement.principal or ()
            if principal.kind == "unique-id"
        }
    )
