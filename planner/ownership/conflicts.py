"""What keeps an owner from planning: somebody else has what the files ask for.

Each refusal names who has it, and every way on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from planner.errors import OwnerError
from planner.ownership.claims import Holders
from planner.ownership.owned import Owned, OwnerSource
from planner.ownership.settle import Held, Settlement, Share, whole
from planner.policy.address import statement_name
from planner.policy.document import Policy
from planner.text import clean, counted

After = Literal["plan", "apply"]


def check_mode(
    owner: str | None, recorded: Policy | None, owners: Mapping[str, Owned], *, exclusive: bool
) -> None:
    """Raises OwnerError where a project without an owner meets owners, or the other way round."""
    if owner is None and owners:
        names = ", ".join(sorted(owners))
        raise OwnerError(
            "This registry is shared, and this project has no owner.",
            f"Its state records statements of {names}. Without an owner the project's files are\n"
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
    live: Policy | None, settled: Settlement, share: Share, files: str
) -> Policy | None:
    """The policy after. Raises OwnerError where something of somebody else's is in the way.

    `files` names the files of the owner in messages.
    """
    if settled.conflicts:
        raise OwnerError(*_in_the_way(settled.conflicts, share, files))
    try:
        return whole(live, settled, share)
    except ValueError as error:
        raise OwnerError(
            "The statements do not fit into one policy.",
            f"One Version holds for the whole policy, and the variables in the live statements and "
            f"in\nthose of {files} are written for {error}.",
            "Give all owners one Version, or write the statements without ${...}.",
        ) from error


def unused_takes(settled: Settlement, share: Share) -> list[str]:
    """The Sids that are to be taken and that nobody else has."""
    taken = {each.statement.sid for each in settled.taken}
    return [sid for sid in share.take if sid not in taken]


def _in_the_way(conflicts: Iterable[Held], share: Share, files: str) -> tuple[str, str, str]:
    found = [(statement_name(each.statement, None), each.by) for each in conflicts]
    one, by = found[0]
    told = "\n".join(f"{name} is {whose(by)}." for name, by in found)
    here = "has it" if len(found) == 1 else "have them"
    take = " ".join(f"--take '{name}'" for name, _ in found)
    ways = [f"Take over: {take}", f"Leave: take {_it(found)} out of {files}, or give another Sid."]
    if any(not by for _, by in found):
        first = next(name for name, by in found if not by)
        ways.append(f"Keep as it is live: planner import '{first}'")
    summary = (
        f"{one} is {whose(by)}."
        if len(found) == 1
        else f"{counted(len(found), 'statement')} of {files} are live and not {share.owner}'s."
    )
    detail = f"{files} {here} too." if len(found) == 1 else told
    return clean(summary), detail, "\n".join(ways)


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
