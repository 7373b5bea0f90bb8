"""The application: commands, version, and the one place where failures end."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer

from planner import __version__
from planner.cli import commands
from planner.cli.output import print_error, say
from planner.errors import PlannerError, UsageError

_EXIT_CODES = """Exit codes: 0 done or no changes, 1 error, 2 changes present (only with
plan --detailed-exitcode), 3 stale plan, 4 locked, 6 policy not valid, 64 wrong usage."""

app = typer.Typer(
    name="planner",
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


for _command in (
    commands.plan,
    commands.show,
    commands.apply,
    commands.digest,
    commands.sandbox,
):
    app.command()(_command)


def run(arguments: list[str]) -> int:
    """Runs one command line and gives its exit code. Prints every failure it expects."""
    try:
        result: Any = typer.main.get_command(app).main(
            arguments, prog_name="planner", standalone_mode=False
        )
    except PlannerError as error:
        print_error(error)
        return error.exit_code
    except typer.Exit as ending:
        return ending.exit_code
    except (typer.Abort, KeyboardInterrupt):
        sys.stderr.write("\nInterrupted.\n")
        return 130
    except typer.TyperException as error:
        return _wrong_usage(error)
    except BrokenPipeError:
        # Whoever read the output has gone; nothing more can be said to them.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return result if isinstance(result, int) else 0


def _wrong_usage(error: typer.TyperException) -> int:
    context: Any = getattr(error, "ctx", None)
    command = context.command_path if context else "planner"
    message = error.format_message().strip()
    if type(error).__name__ == "NoArgsIsHelpError":
        say(message)
        return UsageError.exit_code
    hint = f"`{command} --help` lists what it takes."
    print_error(UsageError(message, "", hint))
    return UsageError.exit_code


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
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
