"""The application: commands, version, and the one place where failures end."""

from __future__ import annotations

import os
import sys
from functools import cache
from importlib import import_module
from keyword import iskeyword
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from planner import __version__
from planner.cli.output import notice, print_error, say, silence
from planner.cli.repeated import refuse_repeated
from planner.errors import PlannerError, UsageError

COMMANDS = (
    "init",
    "plan",
    "show",
    "drift",
    "apply",
    "rollback",
    "validate",
    "test",
    "fmt",
    "digest",
    "access",
    "can",
    "compare",
    "scope",
    "import",
    "recover",
    "locks",
    "unlock",
    "sandbox",
    "generate",
    "state",
    "owners",
    "history",
)
"""The commands, in the order of `--help`. Each is a module of `cli.commands` that has it under its
own name (`import_` for `import`): a function, or a Typer with commands of its own. A module is
loaded when its command is called, or listed."""

_INTERRUPTED = 130
_EXIT_CODES = """Exit codes: 0 done or no changes, 1 error, 2 apply would do something (only
with plan or rollback --detailed-exitcode), 3 stale plan, 4 locked, 5 refused by the
guard, by an assertion or by an owner, 6 policy not valid, 7 drift found (only with
drift --detailed-exitcode), 64 wrong usage, 130 interrupted."""


class _Commands(TyperGroup):
    """Makes the one command that is called, and all of them only where they are listed."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = {name: typer.core.TyperCommand(name) for name in COMMANDS}

    def get_command(self, _ctx: Any, cmd_name: str) -> Any:
        """The command of a name; None for a name that is none."""
        return _load(cmd_name) if cmd_name in COMMANDS else None


@cache
def _load(name: str) -> Any:
    own = f"{name}_" if iskeyword(name) else name
    found = getattr(import_module(f"planner.cli.commands.{own}"), own)
    only = typer.Typer(rich_markup_mode=None)
    if isinstance(found, typer.Typer):
        only.add_typer(found, name=name)
    else:
        only.command(name)(found)
    return typer.main.get_group(only).commands[name]


app = typer.Typer(
    name="planner",
    cls=_Commands,
    help="Plan and apply for the permission policy of an Amazon ECR private registry.",
    epilog=_EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        say(f"planner {__version__}")
        raise typer.Exit


@app.callback()
def _planner(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    pass


def run(arguments: list[str]) -> int:
    """Runs one command line and gives its exit code. Prints every failure it expects."""
    try:
        command = typer.main.get_command(app)
        refuse_repeated(command, arguments)
        result: Any = command.main(arguments, prog_name="planner", standalone_mode=False)
    except PlannerError as error:
        print_error(error, no_color="--no-color" in arguments)
        return error.exit_code
    except typer.Exit as ending:
        if ending.exit_code == _INTERRUPTED:
            notice("\nInterrupted.")
        return ending.exit_code
    except (typer.Abort, KeyboardInterrupt):
        notice("\nInterrupted.")
        return _INTERRUPTED
    except typer.TyperException as error:
        return _wrong_usage(error, arguments)
    except OSError as error:
        return _output_failed(error)
    return result if isinstance(result, int) else 0


def _output_failed(error: OSError) -> int:
    silence(sys.stdout)
    failure = PlannerError(
        "planner could not read or write something.",
        f"{error.strerror or error}.",
        "Check where the output goes, and the space that is left there.",
    )
    print_error(failure)
    return failure.exit_code


def _wrong_usage(error: typer.TyperException, arguments: list[str]) -> int:
    context: Any = getattr(error, "ctx", None)
    named = arguments[:1] if arguments and arguments[0].isalpha() else []
    command = context.command_path if context else " ".join(["planner", *named])
    message = error.format_message().strip()
    if type(error).__name__ == "NoArgsIsHelpError":
        say(message)
        return UsageError.exit_code
    hint = f"`{command} --help` lists what it takes."
    print_error(UsageError(message, "", hint))
    return UsageError.exit_code


def main() -> None:
    """The console script."""
    if sys.stdin is None:  # it was closed before the start; what reads it is told so
        sys.stdin = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123
        getattr(sys, name).reconfigure(errors="backslashreplace")
    try:
        code = run(sys.argv[1:])
    except Exception as error:
        if os.environ.get("PLANNER_TRACEBACK"):
            raise
        print_error(
            PlannerError(
                "planner has met a failure it does not know.",
                f"{type(error).__name__}. This is a defect of planner.",
                "Run it again with PLANNER_TRACEBACK=1 and report what it prints.",
            )
        )
        code = 1
    sys.exit(code)
