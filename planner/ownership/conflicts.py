"""What keeps an owner from planning: somebody else has what the files ask for.

Each refusal names who has it, and every way on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from planner.errors import OwnerError
from planner.ownership.claims import Holders
from planner.ownership.owned import Owned, OwnerSource
from planner.ownership.settle import Held, Settlement, Share, whole
from planner.policy.address import statement_name
from planner.policy.document import Policy
from planner.text import clean, counted


def check_mode(
    owner: str | None, recorded: Policy | None, owners: Mapping[str, Owned], *, exclusive: bool
) -> None:
    """Raises OwnerError where a project without an owner meets owners, or the other way round."""
    if owner is None and owners:
        names = ", ".join(sorted(owners))
        raise OwnerError(
            "This registry is shared, and this project has no owner.",
            f"Its state has these owners: {names}. Without an owner the project's files are\n"
            "the whole policy: all that they do not have would be destroyed.",
            'Name the project\'s owner in planner.toml: owner = "NAME". If the whole policy is\n'
            "meant: --take-all, or first `planner owners release NAME` for each of them.",
        )
    held = recorded.statements if recorded else ()
    if owner is not None and exclusive and held:
        raise OwnerError(
            f"This registry is owned whole, and this project owns its part as {owner}.",
            f"The state records {counted(len(held), 'statement')} of a project without an owner.",
            f"--take-all takes them for {owner}: those that its files do not have are then "
            "destroyed.\nOr give that project an owner first, so that they are its own.",
        )


def check_source(share: Share, owners: Mapping[str, Owned]) -> None:
    """Raises OwnerError where another repository or path has used the name of the owner."""
    before = owners.get(share.owner)
    if before is None or None in (before.source.repository, share.source.repository):
        return
    if before.source != share.source:
        raise OwnerError(
            f"The owner {share.owner} is another project's.",
            f"It was applied last from {_place(before.source)},\nand this is "
            f"{_place(share.source)}.",
            "Give this project a name of its own in planner.toml. If the project has moved here:\n"
            "--move-owner",
        )


def _place(source: OwnerSource) -> str:
    return clean(f"{source.path} of {source.repository}")


def settled_policy(
    live: Policy | None, settled: Settlement, share: Share, files: str | None
) -> Policy | None:
    """The policy after. Raises OwnerError where something of somebody else's is in the way.

    `files` names the files of the owner in messages; None for a plan back to an earlier serial.
    """
    if settled.conflicts:
        raise OwnerError(*_in_the_way(settled.conflicts, share, files))
    try:
        return whole(live, settled, share)
    except ValueError as error:
        raise OwnerError(
            "The statements do not fit into one policy.",
            f"One Version holds for the whole policy, and the variables in the live statements and "
            f"in\nthose of {files or 'that serial'} are written for {error}.",
            "Give all owners one Version, or write the statements without ${...}.",
        ) from error


def unused_takes(settled: Settlement, share: Share) -> list[str]:
    """The Sids that are to be taken and that nobody else has."""
    taken = {each.statement.sid for each in settled.taken}
    return [sid for sid in share.take if sid not in taken]


def _in_the_way(conflicts: Iterable[Held], share: Share, files: str | None) -> tuple[str, str, str]:
    found = [(statement_name(each.statement, None), each.by) for each in conflicts]
    (one, by), *more = found
    summary = f"{one} is {whose(by)}."
    detail = f"{share.owner} had it then." if files is None else f"{files} has that Sid too."
    if more:
        where = files or "that serial"
        summary = f"{counted(len(found), 'statement')} of {where} are live and not {share.owner}'s."
        detail = "\n".join(f"{name} is {whose(by)}." for name, by in found)
    return clean(summary), detail, "\n".join(_ways(found, files))


def _ways(found: list[tuple[str, Holders]], files: str | None) -> list[str]:
    """The ways on from statements that are in the way, each with who has it."""
    take = " ".join(f"--take '{name}'" for name, _ in found)
    if files is None:
        return [
            f"Take {_it(found)} over first, with {_it(found)} in your files: planner plan {take}",
            f"Leave {_it(found)}: go back to another serial, or change your files instead.",
        ]
    ways = [
        f"Take {_it(found)} over: {take}",
        f"Leave {_it(found)}: in {files} give yours another Sid, or remove it.",
    ]
    if nobodys := [name for name, by in found if not by]:
        ways.append(f"Keep what is live: planner import '{nobodys[0]}'")
    return ways


def _it(found: list[tuple[str, Holders]]) -> str:
    return "it" if len(found) == 1 else "them"


def whose(by: Holders) -> str:
    """Whose a statement is, in words.

    >>> whose(frozenset({"b", "a"})), whose(frozenset())
    ('owned by a and b', 'live and owned by nobody')
    """
    if not by:
        return "live and owned by nobody"
    return f"owned by {' and '.join(sorted(by))}"
