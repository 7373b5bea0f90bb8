"""The options that commands share, each declared once with the one help text it has.

A command says by `takes` which of them it has, and gets them as one `Flags`:

    @takes("config", *AWS, "state")
    def locks(flags: Flags) -> None: ...
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from planner.cli.output import Output
from planner.config.settings import Flags
from planner.errors import UsageError
from planner.render.formats import format_names
from planner.render.interface import ViewKind
from planner.stores.inside import ALLOW

PolicyFile = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[POLICY_FILE]...",
        help="The policy: a file, or several that are one policy together. Default: those that "
        "planner.toml names, else registry_policy.json.",
        show_default=False,
    ),
]
PlanFile = Annotated[
    Path, typer.Argument(metavar="PLAN", help="A file that `planner plan --out` wrote.")
]
PolicyFiles = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[FILE]...",
        help="Policy files, or - for stdin. Default: those that plan would read.",
        show_default=False,
    ),
]
File = Annotated[
    list[Path] | None,
    typer.Option(
        "--file", metavar="FILE", help="The policy file. Repeatable. Default: as for plan."
    ),
]
Live = Annotated[bool, typer.Option("--live", help="Look at the policy in ECR, not at a file.")]
At = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="DATE",
        help="As planner recorded it then: 2026-11-25, the end of that day, or 2026-11-25T14:30Z.",
    ),
]
Registry = Annotated[
    str | None,
    typer.Option(
        "--registry",
        metavar="ACCOUNT/REGION",
        help="Needed only where the state holds more than one.",
        show_default=False,
    ),
]
RegistryName = Annotated[
    str | None,
    typer.Argument(
        metavar="[REGISTRY]",
        help="ACCOUNT/REGION. Needed only where the state holds more than one.",
        show_default=False,
    ),
]
Region = Annotated[
    str | None,
    typer.Option("--region", metavar="REGION", help="The Region of the registry."),
]
Profile = Annotated[
    str | None,
    typer.Option("--profile", metavar="NAME", help="The AWS profile to use."),
]
EndpointUrl = Annotated[
    str | None,
    typer.Option("--endpoint-url", metavar="URL", help="Send AWS calls to this address."),
]
AccountId = Annotated[
    str | None,
    typer.Option(
        "--account-id",
        metavar="ID",
        help="The account that the registry must belong to.",
    ),
]
Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Settings. Default: planner.toml, if there."),
]
Var = Annotated[
    list[str] | None,
    typer.Option("--var", metavar="NAME=VALUE", help="Fill {{NAME}} in the policy. Repeatable."),
]
Destroy = Annotated[
    bool,
    typer.Option("--destroy", help="Plan to delete the policy, or this owner's part of it."),
]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Save the plan, to apply it later.")
]
DetailedExitcode = Annotated[
    bool,
    typer.Option(
        "--detailed-exitcode",
        help="Exit 2 if apply would do something, recording included; 0 if nothing.",
    ),
]
State = Annotated[
    str | None,
    typer.Option(
        "--state",
        metavar="PLACE",
        help="A folder or s3://BUCKET/PREFIX/. Default: .planner/state",
    ),
]
LockTimeout = Annotated[
    str | None,
    typer.Option(
        "--lock-timeout",
        metavar="TIME",
        help="Wait so long for a lock, as in 30s. Default: do not wait.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="The same as --format json.")]
NoColor = Annotated[bool, typer.Option("--no-color", help="Print without colours.")]
Policy = Annotated[
    list[Path] | None,
    typer.Option(
        "--policy", metavar="FILE", help="The policy file to plan from, or a pattern. Repeatable."
    ),
]
Into = Annotated[
    Path | None,
    typer.Option("--into", metavar="FILE", help="Add the statement to this policy file."),
]
Approve = Annotated[
    str | None,
    typer.Option("--approve", metavar="REASON", help="Why what the guard asks about is meant."),
]
AutoApprove = Annotated[bool, typer.Option("--auto-approve", help="Do not ask.")]
Who = Annotated[
    bool,
    typer.Option("--who", help="Name who changed what outside planner, as CloudTrail knows it."),
]
GithubOutput = Annotated[
    bool,
    typer.Option(
        "--github-output",
        help="Write plan-id, changes, verdict, to-add, to-change, to-destroy and "
        "failure-reason to the file that GITHUB_OUTPUT names.",
    ),
]
OutsidePolicy = Annotated[
    bool | None,
    typer.Option(
        ALLOW,
        help="Also read a policy file that lies outside of the repository and is not named here.",
        show_default=False,
    ),
]
Take = Annotated[
    list[str] | None,
    typer.Option(
        "--take",
        metavar="ADDRESS",
        help="Take over a live statement that is not this owner's. Repeatable.",
    ),
]
TakeAll = Annotated[
    bool | None,
    typer.Option(
        "--take-all",
        help="Take over all that is in the way; without an owner, the whole policy.",
        show_default=False,
    ),
]
MoveOwner = Annotated[
    bool | None,
    typer.Option(
        "--move-owner",
        help="The owner's files are in another repository or folder now.",
        show_default=False,
    ),
]
AllStatements = Annotated[
    bool,
    typer.Option("--all-statements", help="Also list the statements of others, which are kept."),
]
Scope = Annotated[
    Literal["V1", "V2"] | None,
    typer.Option("--scope", help="The registry policy scope of the registry."),
]

AWS = ("region", "profile", "endpoint_url")
STATE = ("config", "state", "profile", "endpoint_url")
SHARING = ("take", "take_all", "move_owner")
PLANNING = ("var", *AWS, "account_id", "config", "outside_policy")

_MADE_AGAIN = ("policy", *PLANNING, "state", *SHARING)
"""The options by which apply makes a plan again."""

_SHARED: dict[str, tuple[str, Any]] = {
    "policy_file": ("policy", PolicyFile),
    "policy": ("policy", Policy),
    "file": ("policy", File),
    "into": ("policy", Into),
    "var": ("vars", Var),
    "region": ("region", Region),
    "profile": ("profile", Profile),
    "endpoint_url": ("endpoint_url", EndpointUrl),
    "account_id": ("account_id", AccountId),
    "config": ("config", Config),
    "state": ("state", State),
    "lock_timeout": ("lock_timeout", LockTimeout),
    "scope": ("scope", Scope),
    "approve": ("approve", Approve),
    "outside_policy": ("outside_policy", OutsidePolicy),
    "take": ("take", Take),
    "take_all": ("take_all", TakeAll),
    "move_owner": ("move_owner", MoveOwner),
}
"""For each shared option the member of Flags that it fills, and its declaration."""

Command = Callable[..., Any]


def takes(*names: str, shows: ViewKind | None = None) -> Callable[[Command], Command]:
    """Gives a command the shared options of these names, as its parameter `flags`.

    With `shows`, the kind of view that the command prints, it also has `--format`, `--json`
    and `--no-color`, as its parameter `output`. Shared options stand after the command's own.
    """

    def decorate(command: Command) -> Command:
        own = inspect.signature(command, eval_str=True).parameters
        mine = [each for name, each in own.items() if name not in ("flags", "output")]
        shared = [_parameter(name, _SHARED[name][1], None) for name in names]
        look = _look(shows) if shows else []
        parameters = _in_order(mine, shared, look)

        @functools.wraps(command)
        def with_shared(**values: Any) -> Any:
            if names:
                values["flags"] = _flags({name: values.pop(name) for name in names})
            if shows:
                values["output"] = _output(*(values.pop(each.name) for each in look))
            return command(**values)

        with_shared.__dict__.pop("__wrapped__")
        with_shared.__annotations__ = {each.name: each.annotation for each in parameters}
        with_shared.__dict__["__signature__"] = inspect.Signature(parameters)
        return with_shared

    return decorate


def _parameter(name: str, annotation: Any, default: object) -> inspect.Parameter:
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, default=default, annotation=annotation)


def _look(kind: ViewKind) -> list[inspect.Parameter]:
    choice = typer.Option("--format", help="How to print it.")
    return [
        _parameter("format", Annotated[Literal[format_names(kind)], choice], "text"),
        _parameter("json", Json, default=False),
        _parameter("no_color", NoColor, default=False),
    ]


def _in_order(*groups: Sequence[inspect.Parameter]) -> list[inspect.Parameter]:
    """Arguments before options, and else in the order given."""
    every = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in groups for each in one]
    return sorted(every, key=lambda each: each.name != "policy_file")


_LISTS = {"vars", "take"}
_SWITCHES = {"outside_policy", "take_all", "move_owner"}


def _flags(given: dict[str, Any]) -> Flags:
    members: dict[str, Any] = {_SHARED[name][0]: value for name, value in given.items()}
    if "policy" in members:
        named: Path | list[Path] | None = members["policy"]
        members["policy"] = (named,) if isinstance(named, Path) else tuple(named or ())
    for name in _LISTS & members.keys():
        members[name] = tuple(members[name] or ())
    for name in _SWITCHES & members.keys():
        members[name] = bool(members[name])
    return Flags(**members)


def made_again(flags: Flags) -> tuple[str, ...]:
    """The options by which `planner apply` makes the plan that these flags made.

    >>> made_again(Flags(policy=(Path("my policy.json"),), take=("A", "B"), take_all=True))
    ('--policy', 'my policy.json', '--take', 'A', '--take', 'B', '--take-all')
    """
    words: list[str] = []
    for name in _MADE_AGAIN:
        option = ALLOW if name == "outside_policy" else f"--{name.replace('_', '-')}"
        value = getattr(flags, _SHARED[name][0])
        if value is True:
            words.append(option)
        elif value:
            values = value if isinstance(value, tuple) else (value,)
            words += [word for each in values for word in (option, str(each))]
    return tuple(words)


def _output(name: str, json: bool, no_color: bool) -> Output:
    if json and name not in ("text", "json"):
        raise UsageError(f"--json and --format {name} are both given.", "", "Leave one out.")
    return Output("json" if json else name, no_color)
