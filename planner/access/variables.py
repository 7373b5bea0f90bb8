"""Texts of a policy as tokens: wildcards, policy variables and their escapes.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
A variable is one token with one symbol, `${aws:username}` or `${aws:username,'default'}`.
Only version 2012-10-17 knows variables and the escapes `${*}`, `${?}` and `${$}`; to the older
one they are ordinary characters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from planner.automata.automaton import Token, Tokens, Wild
from planner.policy.canonical import CURRENT_VERSION
from planner.policy.document import Policy
from planner.policy.variables import Escape, parts_of
from planner.text import fold

Context = Mapping[str, tuple[str, ...]]
"""The values of each condition key, the key in lower case. A key that is missing is absent."""

_WILDS: dict[str, Token] = {"*": Wild.MANY, "?": Wild.ONE}
_IN_FIELD: dict[Token, Token] = {Wild.MANY: Wild.MANY_IN_FIELD, Wild.ONE: Wild.ONE_IN_FIELD}
_COLON = (":",)
_ARN_COLONS = 5


def has_variables(policy: Policy) -> bool:
    """Whether `${` begins a variable in this policy."""
    return policy.version == CURRENT_VERSION


@lru_cache(maxsize=8192)
def glob_tokens(text: str, *, variables: bool) -> Tokens:
    """A pattern whose `*` and `?` are wildcards."""
    return _tokens(text, variables=variables, wilds=_WILDS)


@lru_cache(maxsize=8192)
def plain_tokens(text: str, *, variables: bool) -> Tokens:
    """A text without wildcards."""
    return _tokens(text, variables=variables, wilds={})


def _tokens(text: str, *, variables: bool, wilds: Mapping[str, Token]) -> Tokens:
    if not variables or "${" not in text:
        return tuple([wilds.get(char) or (char,) for char in text])
    found: list[Token] = []
    for part in parts_of(text):
        if isinstance(part, str):
            found.append(wilds.get(part) or (part,))
        elif isinstance(part, Escape):
            found.append((part.char,))
        else:
            default = "" if part.default is None else f",'{part.default}'"
            found.append((f"${{{fold(part.key)}{default}}}",))
    return tuple(found)


def arn_tokens(text: str, *, variables: bool) -> Tokens:
    """A pattern of ARNs, each of whose six fields is matched by itself.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
    """
    colons = 0
    found: list[Token] = []
    for token in glob_tokens(text, variables=variables):
        colons += token == _COLON
        found.append(_IN_FIELD.get(token, token) if colons < _ARN_COLONS else token)
    return tuple(found)


def in_fields(tokens: Tokens) -> Tokens:
    """The tokens with wildcards that never cross a colon."""
    return tuple(_IN_FIELD.get(token, token) for token in tokens)


def ignoring_case(tokens: Tokens) -> Tokens:
    """The tokens with each letter in both its cases; other letters than ASCII have no case."""

    def both(token: Token) -> Token:
        if isinstance(token, Wild) or len(token[0]) > 1 or not token[0].isascii():
            return token
        return tuple(dict.fromkeys((token[0], token[0].lower(), token[0].upper())))

    return tuple(map(both, tokens))


def variable_of(token: Token) -> tuple[str, str | None] | None:
    """The key and the default of a variable; None for another token."""
    if isinstance(token, Wild) or len(token[0]) == 1:
        return None
    key, comma, default = token[0][2:-1].partition(",")
    return key, default[1:-1] if comma else None


def variables_in(tokens: Tokens) -> set[str]:
    """The condition keys that the tokens name as variables."""
    return {found[0] for found in map(variable_of, tokens) if found}


def resolve(tokens: Tokens, value_of: Callable[[str], str | None]) -> Tokens | None:
    """The tokens with the characters of its value in the place of each variable.

    The characters are literal: a `*` in a value is no wildcard. None where a variable has
    neither a value nor a default; the pattern then matches nothing.
    """
    found: list[Token] = []
    for token in tokens:
        variable = variable_of(token)
        if variable is None:
            found.append(token)
            continue
        value = value_of(variable[0])
        value = variable[1] if value is None else value
        if value is None:
            return None
        found.extend((char,) for char in value)
    return tuple(found)


def bound(tokens: Tokens, values: Mapping[str, str | None]) -> Tokens | None:
    """The tokens with some variables filled in; None is the value of a key that is missing.

    None too where a missing one has no default: the pattern then matches nothing.
    """
    found: list[Token] = []
    for token in tokens:
        variable = variable_of(token)
        if variable is None or variable[0] not in values:
            found.append(token)
            continue
        value = values[variable[0]]
        value = variable[1] if value is None else value
        if value is None:
            return None
        found.extend((char,) for char in value)
    return tuple(found)


def single_value(context: Context) -> Callable[[str], str | None]:
    """What variables stand for: a key with several values cannot be a variable."""

    def value_of(key: str) -> str | None:
        values = context.get(key, ())
        return values[0] if len(values) == 1 else None

    return value_of
