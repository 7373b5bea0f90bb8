"""`planner drift`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli import options
from planner.cli.output import Output, notice, print_lines, say, show
from planner.config.settings import Flags
from planner.errors import UsageError
from planner.render.interface import View
from planner.text import clean

if TYPE_CHECKING:
    from planner.cli.wiring import Wiring
    from planner.records.drift import Drift
    from planner.records.snapshot import Snapshot

_DRIFTED = 7


@options.takes("file", *options.PLANNING, "state", "scope", "lock_timeout", shows="drift")
def drift(
    flags: Flags,
    output: Output,
    who: options.Who = False,
    accept: Annotated[
        bool, typer.Option("--accept", help="Record the live policy in the state.")
    ] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Bring what changed into the policy file.")
    ] = False,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit 7 if there is drift, 0 if none.")
    ] = False,
    auto_approve: options.AutoApprove = False,
) -> int:
    """Show what changed outside planner since the state was recorded.

    Compares the live policy with the recorded one, statement by statement. No
    option of it changes anything at AWS.
    """
    from planner.cli.warnings import warn_of_journal, warn_of_settings, warn_of_state
    from planner.cli.wiring import Wiring
    from planner.records.drift import drift_view
    from planner.workflow.drift import find_drift

    if accept or write:
        from planner.cli.asking import check_can_ask

        check_can_ask(auto_approve=auto_approve)
    wiring = Wiring(flags)
    warn_of_settings(wiring)
    warn_of_state(wiring)
    trail = wiring.trail() if who else None
    found = find_drift(wiring.settings, wiring.live_source(), wiring.state, wiring.clock, trail)
    warn_of_journal(wiring, found.registry)
    show(View("drift", drift_view(found)), output)
    if found.is_there and (accept or write):
        found = _keep(wiring, found, output, accept=accept, write=write, auto_approve=auto_approve)
    return _DRIFTED if detailed_exitcode and found.is_there else 0


def _keep(
    wiring: Wiring, found: Drift, output: Output, *, accept: bool, write: bool, auto_approve: bool
) -> Drift:
    """Records the drift, writes it into the policy files, or both, once that is approved.

    Gives what is left of it: of what others own they have to accept it.
    """
    from planner.cli.asking import approve
    from planner.stores.files import write_atomically
    from planner.workflow.drift import check_acceptable

    check_acceptable(found)
    if not (found.whose.own or found.whose.nobodys):
        notice("What changed is for its owners to keep. Nothing was recorded or written.")
        return found
    revised = _revised(wiring, found, output) if write else {}
    asked = [f"write this into {', '.join(map(clean, map(str, revised)))}"] if revised else []
    asked += [f"record it as the policy of {found.registry}"] if accept else []
    if not asked:
        return found
    question = " and ".join(asked)
    approve(f"{question[:1].upper()}{question[1:]}?", auto_approve=auto_approve)
    if accept:
        found = replace(found, snapshot=_accept(wiring, found))
    for path, data in revised.items():
        write_atomically(path, data, "policy file")
        notice(clean(f"Changed {path}."))
    return found


def _revised(wiring: Wiring, found: Drift, output: Output) -> dict[Path, bytes]:
    """What policy files are to be, which is shown; none where they have all of that."""
    from planner.render.text.unified_diff import diff_lines
    from planner.workflow.keeping import bring_in

    if any(str(each) == "-" for each in wiring.policy):
        raise UsageError("--write wants a file, not standard input.", "", "Name the policy file.")
    inputs = wiring.inputs(destroy=False)
    revised = {}
    for path, before, after in zip(
        wiring.policy, inputs.files, bring_in(found, inputs), strict=True
    ):
        if before == after:
            continue
        revised[path] = after.data
        if output.format == "text":
            old, new = (each.data.decode("utf-8-sig") for each in (before, after))
            say("")
            told = diff_lines(before.name, old, new, "as ECR has it")
            print_lines(told, no_color=output.no_color)
    if not revised:
        why = "has it already" if found.whose.own else "stays: nothing of this is its own"
        notice(f"{clean(wiring.settings.policy_name)} {why}.")
    return revised


def _accept(wiring: Wiring, found: Drift) -> Snapshot:
    from planner.cli.machine import Signals
    from planner.workflow.drift import accept

    with Signals() as signals:
        snapshot = accept(found, wiring.apply_context(signals, found.registry.region))
    notice(f"Recorded in the state: serial {snapshot.serial}. Nothing was changed at AWS.")
    return snapshot
