"""An assertion, as `[[assert]]` in planner.toml gives it: who may, or may never, do what, and why.

It covers every request of its callers for its actions in its repositories. What it covers is
written as statements of a policy, so that the access engine can decide it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from planner.errors import PlannerError
from planner.policy.action import LAYERS_ACTION, ecr_actions, parse_action
from planner.policy.action_words import actions_called, nearest_word
from planner.policy.document import (
    EVERYONE,
    Condition,
    Effect,
    JsonObject,
    Patterns,
    Principal,
    Statement,
    parse_condition,
)
from planner.policy.keys import ORGANIZATION_ID, Key, parse_key
from planner.policy.operators import ValueType
from planner.policy.principal import PrincipalId, principal_named
from planner.policy.resource import RepositoryName, parse_resource, repository_prefix
from planner.policy.values import parse_value
from planner.registry import Registry

MEMBERS = ("principal", "outside", "action", "repository", "context", "may", "reason")
"""What an `[[assert]]` may say; `context` and one of the first two may be left out."""
MOST_ASSERTIONS = 100
_MOST_VALUES = 20
_LONGEST = 500
_OPEN = ("${", "{{")

_EVERYONE = Principal(EVERYONE)
_ORGANIZATION, _ARN, _ACCOUNT, _SERVICE = (
    "aws:PrincipalOrgID",
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:PrincipalServiceName",
)
_NEGATED = {
    _ORGANIZATION: "StringNotEquals",
    _ARN: "ArnNotLike",
    _ACCOUNT: "StringNotEquals",
    _SERVICE: "StringNotEquals",
}
"""Each holds for a caller without the key: such a caller is outside."""
_EQUAL: Mapping[ValueType, str] = {
    "String": "StringEquals",
    "Arn": "ArnLike",
    "Bool": "Bool",
    "IpAddress": "IpAddress",
    "Date": "DateEquals",
    "Numeric": "NumericEquals",
}
_FORMS = (
    "Write an account id, an organization id, the ARN of a user or role or a pattern of such ARNs, "
    'a service, or "*".'
)
_OUTSIDE_FORMS = "It takes organizations, accounts, services, and ARNs of users and roles."


@dataclass(frozen=True, slots=True)
class Assertion:
    """What is to hold of every request that is covered: its texts as planner.toml has them.

    Where `may`, the policy allows each of them; else it never allows any. `outside` takes out
    callers, `context` keeps the requests whose condition keys have one of these values. `line`
    is where it stands in its file.
    """

    principal: tuple[str, ...]
    outside: tuple[str, ...]
    action: tuple[str, ...]
    repository: tuple[str, ...]
    context: tuple[tuple[str, tuple[str, ...]], ...]
    may: bool
    reason: str
    line: int = field(default=1, compare=False)

    def to_json(self) -> JsonObject:
        """The assertion as a plan holds it; each member but the last three is a list."""
        return {
            "principal": list(self.principal),
            "outside": list(self.outside),
            "action": list(self.action),
            "repository": list(self.repository),
            "context": {key: list(values) for key, values in self.context},
            "may": self.may,
            "reason": self.reason,
            "line": self.line,
        }

    def covers(self, registry: Registry, effect: Effect) -> tuple[Statement, ...]:
        """The requests to a registry that are covered, as statements of this effect.

        The registry's own account is written by a condition, since an Allow that names the
        account alone says nothing of its users and roles.
        """
        resources = (each if each == "*" else _arn(registry, each) for each in self.repository)
        action = Patterns(tuple(map(parse_action, self._actions())))
        resource = Patterns(tuple(map(parse_resource, resources)))
        shared = (*self._outside(registry), *(_given(*each) for each in self.context))
        return tuple(
            Statement(None, effect, principal, action, resource, (*own, *shared))
            for principal, own in self._callers(registry)
        )

    def _actions(self) -> Iterator[str]:
        """The actions that are meant.

        Pulling asks for one action of pushing as well: who may do no more than that pushes not.
        """
        for text in self.action:
            called = actions_called(text)
            is_part = not self.may and len(called) < len(ecr_actions())
            yield from (each for each in called if not (is_part and each == LAYERS_ACTION))
            if not called:
                yield text

    def _callers(self, registry: Registry) -> Iterator[tuple[Principal, tuple[Condition, ...]]]:
        for text in self.principal:
            key = key_of(text)
            named = principal_named(text)
            if key:
                operator = "StringEquals" if key == _ORGANIZATION else "ArnLike"
                yield _EVERYONE, (parse_condition(operator, key, (text,)),)
            elif (named.kind, named.account) == ("account", registry.account_id):
                yield _EVERYONE, (parse_condition("StringEquals", _ACCOUNT, (named.account,)),)
            else:
                yield Principal(((named.type, (named,)),)), ()

    def _outside(self, registry: Registry) -> Iterator[Condition]:
        found = [(_outside_key(each), _outside_value(each)) for each in self.outside]
        if self.principal == ("*",) and any(key == _ORGANIZATION for key, _ in found):
            # Of which organization a registry is, its policy does not say.
            found.append((_ACCOUNT, registry.account_id))
        for key, values in groupby(sorted(found), key=lambda each: each[0]):
            yield parse_condition(_NEGATED[key], key, [value for _, value in values])


def key_of(text: str) -> str:
    """The condition key by which a caller is told that no Principal can name, or `""`.

    >>> key_of("o-a1b2c3d4e5"), key_of("arn:aws:iam::*:role/ci"), key_of("*")
    ('aws:PrincipalOrgID', 'aws:PrincipalArn', '')
    """
    if ORGANIZATION_ID.fits(text):
        return _ORGANIZATION
    return _ARN if text != "*" and ("*" in text or "?" in text) else ""


def _outside_key(text: str) -> str:
    """The key by which `outside` tells a caller; `""` for one that it does not take."""
    kinds = {"account": _ACCOUNT, "user": _ARN, "role": _ARN, "service": _SERVICE}
    return key_of(text) or kinds.get(principal_named(text).kind, "")


def _outside_value(text: str) -> str:
    named = principal_named(text)
    return named.account if named.kind == "account" else text


def _arn(registry: Registry, name: str) -> str:
    return repository_prefix(registry) + name


def _given(key: str, values: tuple[str, ...]) -> Condition:
    row = parse_key(key).row
    each = "ForAnyValue:" if row.multivalued else ""
    return parse_condition(f"{each}{_EQUAL[row.types[0]]}", key, values)


def assertion_from(entry: Mapping[str, object], where: str) -> Assertion:
    """The assertion with these members, each list as a list or as its one text.

    Raises PlannerError where one of them is missing or can mean nothing; `where` begins what
    is said of it.
    """
    found = {key: entry[key] for key in MEMBERS if key in entry}
    if found.get("outside"):
        found.setdefault("principal", "*")
    if missing := [key for key in MEMBERS if key not in ("outside", "context", *found)]:
        raise PlannerError(f"{where} has no '{missing[0]}'.", "", f"It takes {', '.join(MEMBERS)}.")
    may, reason, line = found["may"], found["reason"], entry.get("line", 1)
    if not isinstance(may, bool):
        raise PlannerError(f"{where}: 'may' is neither true nor false.", "", "Write may = true.")
    if not isinstance(reason, str) or not reason.strip() or len(reason) > _LONGEST:
        hint = f"Say in at most {_LONGEST} characters why it is to hold."
        raise PlannerError(f"{where}: 'reason' is no text that says something.", "", hint)
    context = found.get("context", {})
    if not isinstance(context, dict):
        hint = 'Write context = {"aws:SecureTransport" = "false"}.'
        raise PlannerError(f"{where}: 'context' is no table.", "", hint)
    made = Assertion(
        principal=_texts(found["principal"], "principal", where),
        outside=_texts(found.get("outside", []), "outside", where, may_be_empty=True),
        action=_texts(found["action"], "action", where),
        repository=_texts(found["repository"], "repository", where),
        context=tuple((key, _texts(value, key, where)) for key, value in context.items()),
        may=may,
        reason=reason,
        line=line if isinstance(line, int) else 1,
    )
    _check(made, where)
    return made


def _texts(value: object, key: str, where: str, *, may_be_empty: bool = False) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    texts = [each for each in values if isinstance(each, str) and each]
    if len(texts) < len(values) or not (texts or may_be_empty):
        hint = f'Write {key} = "..." or {key} = ["...", "..."].'
        raise PlannerError(f"{where}: '{key}' is neither a text nor a list of texts.", "", hint)
    if len(texts) > _MOST_VALUES or any(len(each) > _LONGEST for each in texts):
        raise PlannerError(f"{where}: '{key}' is too long.", "", "Divide it into several.")
    for each in texts:
        if any(opening in each for opening in _OPEN):
            hint = "Write the value itself."
            raise PlannerError(f"{where}: nothing fills '{each}' in an assertion.", "", hint)
    return tuple(texts)


def _check(assertion: Assertion, where: str) -> None:
    """Raises PlannerError for a text that means nothing: it would hold of nobody and nothing."""
    for text in assertion.principal:
        _check_caller(text, principal_named(text), f"{where}: principal", _FORMS)
    for text in assertion.outside:
        _check_caller(text, principal_named(text), f"{where}: outside", _OUTSIDE_FORMS)
        if not _outside_key(text):
            summary = f"{where}: outside cannot take out '{text}'."
            raise PlannerError(summary, "", _OUTSIDE_FORMS)
    for text in assertion.repository:
        name = RepositoryName(text)
        if name.malformed or name.has_other_characters:
            hint = 'Write a name or a pattern without tag and registry, as in prod-*, or "*".'
            raise PlannerError(f"{where}: no repository is named like '{text}'.", "", hint)
    for text in assertion.action:
        _check_action(text, f"{where}: action", needs_all="*" not in assertion.repository)
    for key, values in assertion.context:
        _check_context(key, parse_key(key).row, values, f"{where}: context")


def _check_caller(text: str, named: PrincipalId, where: str, forms: str) -> None:
    key = key_of(text)
    if key == _ARN and (reason := parse_value("Arn", text).malformed):
        raise PlannerError(f"{where}: {reason}.", "", "As in arn:aws:iam::111122223333:role/ci-*.")
    if not key and text.startswith("o-"):
        raise PlannerError(f"{where}: '{text}' {ORGANIZATION_ID.fault}.", "", forms)
    if not key and named.malformed:
        raise PlannerError(f"{where}: {named.malformed}.", "", forms)


def _check_action(text: str, where: str, *, needs_all: bool) -> None:
    actions = [ecr_actions()[each.lower()] for each in actions_called(text)]
    actions = actions or list(parse_action(text).expand())
    if not actions:
        near = nearest_word(text)
        hint = f"Did you mean '{near}'?" if near else "Write a word such as pull, or ecr:NAME."
        raise PlannerError(f"{where}: '{text}' is no action of ECR.", "", hint)
    if needs_all and not any(each.resource_types for each in actions):
        hint = 'Write repository = "*".'
        raise PlannerError(f"{where}: '{text}' is asked for no single repository.", "", hint)


def _check_context(key: str, row: Key, values: tuple[str, ...], where: str) -> None:
    if not parse_key(key).is_known:
        hint = "Write a global condition key, as in aws:PrincipalOrgID."
        raise PlannerError(f"{where}: no request to ECR has the key '{key}'.", "", hint)
    for value in values:
        reason = parse_value(row.types[0], value).malformed
        if not reason and row.form and not row.form.fits(value):
            reason = f"'{value}' {row.form.fault}"
        if reason:
            raise PlannerError(f"{where}: {key}: {reason}.", "", "Write a value that it can have.")
