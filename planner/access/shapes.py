"""Texts as they occur: names of repositories and actions, ARNs of callers."""

from __future__ import annotations

from collections.abc import Sequence

from planner.automata.form import Form, Table
from planner.policy.resource import REPOSITORY_ENDS, REPOSITORY_TABLE, repository_prefix
from planner.registry import Registry

_LOWER = "abcdefghijklmnopqrstuvwxyz"
_DIGITS = "0123456789"
_ALNUM = _LOWER + _DIGITS
_IAM_NAME = _ALNUM + _LOWER.upper() + "-_.@+=,"

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_PATH_AND_NAME: Table = {0: [(_IAM_NAME, 1)], 1: [(_IAM_NAME, 1), ("/", 0)]}
_NAME: Table = {0: [(_IAM_NAME, 1)], 1: [(_IAM_NAME, 1)]}
_SERVICE: Table = {0: [(_ALNUM, 1)], 1: [(_ALNUM + "-", 1), (":", 2)], 2: [(_ALNUM, 3)]}
_ACTION: Table = {**_SERVICE, 3: [(_ALNUM, 3)]}


def repositories(registry: Registry) -> Form:
    """The ARNs of the repositories that may exist in a registry."""
    prefix = repository_prefix(registry)
    return Form(prefix, REPOSITORY_TABLE, REPOSITORY_ENDS)


def literal(text: str) -> Form:
    """One text alone."""
    return Form(text)


def callers(partition: str, account: str, kind: str, *, paths: bool = True) -> Form:
    """The ARNs of the roots, users or roles of an account; of any where it is empty."""
    numbers = list(account) if account else [_DIGITS] * 12
    service = "sts" if kind == "federated-user" else "iam"
    places = [*f"arn:{partition}:{service}::", *numbers, ":"]
    if kind == "account":
        return Form([*places, *"root"])
    table = _PATH_AND_NAME if paths else _NAME
    return Form([*places, *f"{kind}/"], table, (1,))


def services() -> Form:
    """The names of services: letters, digits and hyphens before `.amazonaws.com`."""
    suffix = ".amazonaws.com"
    table: dict[int, Sequence[tuple[str, int]]] = {
        0: [(_ALNUM, 1)],
        1: [(_ALNUM + "-", 1), (".", 2)],
    }
    for place, char in enumerate(suffix[1:], start=2):
        table[place] = [(char, place + 1)]
    last = len(suffix) + 1
    table[last] = []
    return Form("", table, (last,))


def actions(service: str) -> Form:
    """Names of actions in lower case: of one service, or of any where it is empty."""
    if service:
        return Form(f"{service}:", {0: [(_ALNUM, 1)], 1: [(_ALNUM, 1)]}, (1,))
    return Form("", _ACTION, (3,))


EXAMPLE = Registry("aws", "123456789012", "us-east-1")
"""Shows what an ARN looks like where the policies name no registry, or several."""
