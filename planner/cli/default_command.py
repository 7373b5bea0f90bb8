"""A command with commands of its own, one of which is meant where none is named."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup


class ListByDefault(TyperGroup):
    """`planner history X` is `planner history list X`: words that name no command are for that."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The words, with the command that they are for."""
        asks_for_help = set(args[:1]) & set(ctx.help_option_names)
        named = args[:1] and args[0] in self.commands
        return super().parse_args(ctx, args if named or asks_for_help else ["list", *args])
