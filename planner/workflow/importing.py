"""Taking what is live, or what a document says, into the state and the policy files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from planner.config.target import built_in_values
from planner.diff.changes import statements_of
from planner.errors import OwnerError, PlannerError
from planner.ownership.claims import Holders, holders
from planner.ownership.conflicts import check_mode, check_source, whose
from planner.ownership.owned import Owned
from planner.ownership.settle import Share
from planner.policy.address import address, statement_name
from planner.policy.canonical import canonical_statement, canonicalise, in_canonical_order
from planner.policy.document import JsonObject, Policy, Statement
from planner.policy.edit import new_document
from planner.policy.opaque import OpaquePolicy, canonical, readable
from planner.policy.parse import valid_policy
from planner.policy.revision import Revision
from planner.policy.tree import Tree
from planner.stores.state import State
from planner.workflow.baseline import Baseline, Seen
from planner.workflow.keeping import read_files, revise_files
from planner.workflow.live import LiveSource
from planner.workflow.planning import Inputs
from planner.workflow.reading import PolicyFile

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Import:
    """What an import would do; nothing of it is done at AWS.

    `origins` and `endpoint` say how the registry was found and where it was called, as a plan does.
    `recorded` are the live statements that the state is to hold for the project, `written` those
    that its files lack, `differing` those that they have otherwise. `baseline` is None where the
    state holds all of that already, `files` are the policy files as they are to be, and `into` is
    the name of the one that takes what they lack.
    """

    seen: Seen
    origins: Mapping[str, str]
    endpoint: str | None
    owner: str | None
    recorded: tuple[Statement, ...]
    written: tuple[Statement, ...]
    differing: tuple[Statement, ...]
    kept: int
    baseline: Baseline | None
    files: tuple[PolicyFile, ...]
    into: str

    def to_json(self) -> JsonObject:
        """The view, in format 1."""
        return {
            "kind": "import",
            "format_version": FORMAT_VERSION,
            "registry": self.seen.registry.to_json(),
            "origins": dict(self.origins),
            "endpoint": self.endpoint,
            "owner": self.owner,
            "recorded": self._named(self.recorded) if self.baseline else [],
            "written": self._named(self.written),
            "differing": self._named(self.differing),
            "kept": self.kept,
            "files": [each.name for each in self.files],
            "into": self.into,
            "records": self.baseline is not None,
        }

    def _named(self, statements: Sequence[Statement]) -> list[JsonObject]:
        named = [(statement_name(each, None), each) for each in statements]
        registry = self.seen.registry
        return [
            {"address": address(registry, name), "name": name, "effect": each.effect}
            for name, each in named
        ]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: addresses of live statements, none for all; or a document's statements.

    The placeholders of the document are filled as those of the project's files are.

    `new_file` is where a policy file is made if there is none; `into` the place of the one that
    takes what is missing.
    """

    addresses: tuple[str, ...] = ()
    document: Tree | None = None
    new_file: str = ""
    into: int = 0


def find_import(inputs: Inputs, source: LiveSource, state: State, wanted: Wanted) -> Import:
    """What an import would do.

    Raises OwnerError for what somebody else owns, PlannerError for an address that nothing live
    has and for a policy that cannot be read.
    """
    reached = source.find(None)
    registry, read = reached.registry, source.read()
    live = canonical(read, registry.partition)
    if isinstance(live, OpaquePolicy):
        raise PlannerError(
            "planner cannot read the live policy, so it cannot import it.",
            f"{live.reason}.",
            "Use a newer planner, or mend the policy in the ECR console.",
        )
    seen = Seen(registry, state.snapshot(registry).value, live)
    owner = inputs.settings.toml.owner
    _check_owner(inputs, seen, owner)
    document = _document(inputs, seen, wanted)
    chosen = _chosen(seen, owner, wanted.addresses, document)
    chosen = _in_order(chosen, readable(read), registry.partition)
    sought = chosen if document is None else document.statements
    files, written, differing = _into_files(inputs, seen, document, sought, wanted)
    is_whole = document is None and not wanted.addresses
    baseline = _baseline(inputs, seen, chosen, is_whole=is_whole)
    return Import(
        seen,
        reached.origins,
        source.endpoint,
        owner,
        chosen,
        written,
        differing,
        len(statements_of(live)) - len(chosen),
        None if _is_held(seen, baseline) else baseline,
        files,
        files[wanted.into].name if files else wanted.new_file,
    )


def _document(inputs: Inputs, seen: Seen, wanted: Wanted) -> Policy | None:
    """The policy of the document, filled for the registry, canonical but for the order."""
    if wanted.document is None:
        return None
    placeholders = inputs.settings.placeholders(built_in_values(seen.registry))
    filled = placeholders.fill(wanted.document).tree
    written, partition = valid_policy(filled).policy, seen.registry.partition
    found = canonicalise(written, partition)
    return replace(found, statements=_in_order(found.statements, written, partition))


def _in_order(
    statements: Sequence[Statement], policy: Policy | None, partition: str
) -> tuple[Statement, ...]:
    """Canonical statements of a policy in the order in which somebody has written them there."""
    written = policy.statements if policy else ()
    order = [canonical_statement(each, partition) for each in written]
    return tuple(sorted(statements, key=order.index))


def _check_owner(inputs: Inputs, seen: Seen, owner: str | None) -> None:
    if seen.snapshot is None:
        return
    owners, exclusive = seen.snapshot.owners, seen.snapshot.exclusive
    check_mode(owner, seen.snapshot.policy, owners, exclusive=exclusive)
    if owner is not None:
        check_source(Share(owner, None, inputs.source), owners)


def _chosen(
    seen: Seen, owner: str | None, addresses: Sequence[str], document: Policy | None
) -> tuple[Statement, ...]:
    """The live statements that the state is to hold for the project."""
    live = statements_of(readable(seen.live))
    held = holders(live, seen.snapshot.owners if seen.snapshot else {})
    if addresses:
        return tuple(_named(seen, live, held, owner, each) for each in addresses)
    asked = live if document is None else document.statements
    pairs = zip(live, held, strict=True)
    return tuple(each for each, by in pairs if each in asked and not by - {owner})


def _named(
    seen: Seen,
    live: Sequence[Statement],
    held: Sequence[Holders],
    owner: str | None,
    typed: str,
) -> Statement:
    """The live statement that an address names; its Sid alone will do."""
    for statement, by in zip(live, held, strict=True):
        name = statement_name(statement, None)
        if typed not in (name, address(seen.registry, name), statement.sid):
            continue
        if by - {owner}:
            raise OwnerError(
                f"{name} is {whose(by)}.",
                "What somebody owns is not imported.",
                f"To take it over: planner plan --take '{name}'",
            )
        return statement
    if not live:
        hint = "`planner import --from FILE` brings a document into the files."
        raise PlannerError(f"{typed} is not live.", "The registry has no policy.", hint)
    names = "\n".join(statement_name(each, None) for each in live)
    raise PlannerError(f"{typed} is not live.", f"ECR has:\n{names}", "Name one of them.")


def _into_files(
    inputs: Inputs,
    seen: Seen,
    document: Policy | None,
    sought: Sequence[Statement],
    wanted: Wanted,
) -> tuple[tuple[PolicyFile, ...], tuple[Statement, ...], tuple[Statement, ...]]:
    """The policy files with what they lack; what that is, and what they have otherwise."""
    if not inputs.files:
        if not sought:
            return (), (), ()
        whole = document or readable(seen.live)
        is_part = bool(inputs.settings.toml.owner or wanted.addresses)
        text = new_document(_first_policy(whole, sought, is_part=is_part), wanted.new_file)
        return (PolicyFile(wanted.new_file, text.encode()),), tuple(sought), ()
    registry, settings = seen.registry, inputs.settings
    parsed = read_files(inputs.files, settings, registry).policy
    has = {canonical_statement(each, registry.partition) for each in parsed.statements}
    sids = {each.sid for each in has if each.sid is not None}
    missing = [each for each in sought if each not in has]
    written = tuple(each for each in missing if each.sid not in sids)
    differing = tuple(each for each in missing if each.sid in sids)
    if not written:
        return inputs.files, (), differing
    revision = Revision(added=written)
    return revise_files(inputs.files, settings, registry, revision, wanted.into), written, differing


def _first_policy(whole: Policy | None, sought: Sequence[Statement], *, is_part: bool) -> Policy:
    """The policy of a first file, with the Version and, where it is the whole, the Id it has."""
    if whole is None:
        return Policy(tuple(sought))
    return Policy(tuple(sought), whole.version, None if is_part else whole.id)


def _baseline(
    inputs: Inputs, seen: Seen, chosen: tuple[Statement, ...], *, is_whole: bool
) -> Baseline:
    """What the state is to hold: with the chosen statements as they are live.

    What was not asked for stays as it was recorded: what changed of it outside is drift still.
    """
    snapshot, owner = seen.snapshot, inputs.settings.toml.owner
    live = readable(seen.live)
    policy = live
    if live is not None and not is_whole and (owner is None or snapshot):
        recorded = _with(statements_of(snapshot.policy if snapshot else None), chosen)
        policy = Policy(recorded, live.version, live.id) if recorded else None
    if owner is not None:
        before = snapshot.owners.get(owner) if snapshot else None
        own = _with(before.statements if before else (), chosen)
        owners = dict(snapshot.owners) if snapshot else {}
        if own:
            owners[owner] = Owned(own, inputs.source.or_known(before))
        return Baseline(policy, owners, owner)
    return Baseline(policy, None)


def _with(recorded: Sequence[Statement], chosen: Sequence[Statement]) -> tuple[Statement, ...]:
    """Recorded statements, and the chosen ones in the place of those of the same Sid."""
    sids = {each.sid for each in chosen if each.sid is not None}
    kept = [each for each in recorded if each.sid not in sids and each not in chosen]
    return in_canonical_order([*kept, *chosen])


def _is_held(seen: Seen, baseline: Baseline) -> bool:
    """Whether the state holds a baseline already."""
    snapshot = seen.snapshot
    if snapshot is None:
        return baseline.policy is None
    if baseline.owners is None:
        return snapshot.exclusive and snapshot.policy == baseline.policy
    own, now = (each.get(baseline.owner or "") for each in (snapshot.owners, baseline.owners))
    return (own.statements if own else ()) == (now.statements if now else ())
