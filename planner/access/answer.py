"""The answer to one question of one policy: may this caller do this to that repository?"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from planner.access.dependence import Dependence, dependence_of
from planner.access.enforced import enforced
from planner.access.evaluate import Decision, Outcome, evaluate
from planner.access.meaning import CallerClass, class_of, meaning
from planner.access.named import actions_named, caller_named, resource_named
from planner.access.reasons import reasons_for
from planner.access.request import Caller, Request, derived_context, registry_context
from planner.errors import UsageError
from planner.policy.action import V1_ACTIONS, ecr_actions, parse_action
from planner.policy.document import Policy
from planner.policy.keys import KEYS, parse_key
from planner.registry import Registry
from planner.text import counted, fold

AnswerOutcome = Outcome | Literal["depends"]
_WORST: tuple[AnswerOutcome, ...] = ("denied", "not said", "unknown", "depends", "allowed")
"""The outcomes of several actions: together they have the first that one of them has."""
_TOLD = 3
"""So many keys are named before the rest is counted."""
_NO_RESOURCE = "*"
EVERY_OTHER = "*"
"""Said in the place of a key: every key that is not given is absent."""


@dataclass(frozen=True, slots=True)
class Question:
    """What `planner can` is asked: its words, and the request for each action that they mean.

    Where `closed`, a request has no other keys than are given and than follow from it.
    """

    action: str
    caller: Caller
    requests: tuple[Request, ...]
    closed: bool = False


@dataclass(frozen=True, slots=True)
class ActionAnswer:
    """What a policy says to one action.

    `of_account` are the statements that allow it to this account as a whole, and so leave its
    users and roles to their IAM. `reasons` say why something is not known, and `is_unspoken`
    that the scope of the registry keeps its policy from speaking of the action.
    """

    request: Request
    decision: Decision
    dependence: Dependence | None = None
    of_account: tuple[int, ...] = ()
    reasons: tuple[str, ...] = ()
    is_unspoken: bool = False

    @property
    def outcome(self) -> AnswerOutcome:
        """The outcome; `depends` where it is another one with values for what is not given."""
        if self.dependence is None:
            return self.decision.outcome
        return "depends" if self.dependence.keys else "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a policy says to a question."""

    question: Question
    asks: CallerClass
    parts: tuple[ActionAnswer, ...]

    @property
    def outcome(self) -> AnswerOutcome:
        """Allowed where every action is; else the worst of them."""
        return min((each.outcome for each in self.parts), key=_WORST.index)

    @property
    def meaning(self) -> str:
        """What it comes to for this caller."""
        return meaning(self.outcome, self.asks)


def answer(
    policy: Policy | None, question: Question, registry: Registry | None, scope: str | None
) -> Answer:
    """What a policy says, held against the requests as `enforced` says."""
    parts = [
        _answer(policy, each, registry, scope, closed=question.closed) for each in question.requests
    ]
    return Answer(question, class_of(question.caller, registry), tuple(parts))


def _answer(
    policy: Policy | None,
    request: Request,
    registry: Registry | None,
    scope: str | None,
    *,
    closed: bool,
) -> ActionAnswer:
    if scope == "V1" and request.action not in V1_ACTIONS:
        return ActionAnswer(request, Decision("not said", (), ()), is_unspoken=True)
    decision = evaluate(policy, request, registry, scope)
    dependence = None if closed else dependence_of(policy, request, registry, scope)
    said = enforced(policy, registry, scope)
    reasons: dict[str, None] = {}
    if said and decision.outcome == "unknown":
        for each in decision.deciding:
            reasons |= dict.fromkeys(reasons_for(said, each, request, registry))
    if dependence and dependence.doubtful:
        reasons[_doubt(dependence.doubtful)] = None
    is_silent = decision.outcome == "not said"
    allowing = _of_account(policy, request, registry) if is_silent else ()
    return ActionAnswer(request, decision, dependence, allowing, tuple(reasons))


def _doubt(keys: Sequence[str]) -> str:
    told = [parse_key(each).spelled for each in keys[:_TOLD]]
    left = len(keys) - len(told)
    named = f"{', '.join(told)} and {counted(left, 'more key')}" if left else " and ".join(told)
    return f"it may depend on {named}, which {'were' if keys[1:] else 'was'} not given"


def _of_account(
    policy: Policy | None, request: Request, registry: Registry | None
) -> tuple[int, ...]:
    """The Allows that apply to the caller by its account, which `enforced` takes for nothing."""
    if registry is None or request.principal.account != registry.account_id:
        return ()
    context = {**registry_context(registry), **request.context}
    decision = evaluate(policy, replace(request, context=context))
    return decision.deciding if decision.outcome == "allowed" else ()


@dataclass(frozen=True, slots=True)
class Words:
    """The words of `planner can`: whom, what, where, and what else the request has.

    `context` are `KEY=VALUE` words, `without` the keys that it does not have.
    """

    principal: str
    action: str
    repository: str
    context: Sequence[str] = ()
    without: Sequence[str] = ()


def question_of(
    words: Words, registry: Registry | None, accounts: Mapping[str, str] | None = None
) -> Question:
    """The question that words put about a registry; `accounts` gives account ids names.

    Raises UsageError for words that no request can have, PlannerError where the repository is
    a bare name and the registry is not known.
    """
    if parse_action(words.action).is_wild:
        raise UsageError(
            f"'{words.action}' is not one action of ECR.",
            "A request is for one action; `planner access --action` takes any.",
            "Write it as ecr:BatchGetImage, or a word such as pull.",
        )
    actions = actions_named(words.action)
    context = _context(words.context)
    closed = EVERY_OTHER in words.without
    context |= _absences([each for each in words.without if each != EVERY_OTHER], context)
    caller = caller_named(words.principal, registry, accounts)
    if caller.kind == "unique-id":
        caller = replace(caller, account="".join(context.get("aws:principalaccount", ())))
    _check_given(context, caller, registry)
    named = resource_named(words.repository, registry)
    is_pattern = "*" in named or "?" in named
    is_about_none = named == _NO_RESOURCE and not (registry and any(map(_resource_types, actions)))
    if is_pattern and not is_about_none:
        raise UsageError(
            f"'{words.repository}' is no name of one repository.",
            "A request is for one repository; `planner access --repository` takes patterns.",
            "Name one, as in prod/app.",
        )
    requests = [Request(caller, each, _resource(each, named), context) for each in actions]
    return Question(words.action, caller, tuple(requests), closed)


def _resource(action: str, resource: str) -> str:
    """What a request works on: actions without a resource type work on `*` alone."""
    return resource if _resource_types(action) else _NO_RESOURCE


def _resource_types(action: str) -> tuple[str, ...]:
    return ecr_actions()[fold(action)].resource_types


def _context(assignments: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """`KEY=VALUE` words; a key that is given twice has two values."""
    found: dict[str, tuple[str, ...]] = {}
    for each in assignments:
        key, equals, value = each.partition("=")
        if not equals or not key.strip():
            raise UsageError(
                f"--context {each} is not KEY=VALUE.", "", "As in aws:PrincipalOrgID=o-a1b2c3d4e5."
            )
        found[fold(key.strip())] = (*found.get(fold(key.strip()), ()), value)
    return found


def _check_given(
    context: Mapping[str, tuple[str, ...]], caller: Caller, registry: Registry | None
) -> None:
    """Raises UsageError for a key of another caller, of another registry, or misspelled."""
    follows = {**registry_context(registry), **derived_context(caller)}
    known = {each.folded: each.name for each in KEYS}
    for folded, values in context.items():
        key = parse_key(folded)
        is_open = caller.kind in ("session", "unique-id") and folded == "aws:principalarn"
        if values != follows.get(folded, values) and not is_open:
            given = f"{key.spelled}={values[0]}" if values else key.spelled
            raise UsageError(
                f"--context {given} is that of another request.",
                f"Of this one it is {', '.join(follows[folded])}.",
                "Leave it out: it follows from caller and registry.",
            )
        close = [] if key.is_known else difflib.get_close_matches(folded, known, n=1, cutoff=0.8)
        if close:
            raise UsageError(
                f"'{key.text}' is no condition key.", f"Did you mean {known[close[0]]}?"
            )


def _absences(
    names: Sequence[str], context: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """Keys that a request does not have, each with no value."""
    for each in names:
        key = parse_key(each)
        if not each.strip() or "=" in each:
            raise UsageError(f"--without {each} is no condition key.", "", "As in aws:SourceVpc.")
        if key.row.always:
            raise UsageError(
                f"--without {each} cannot be.",
                f"Every request has {key.spelled}.",
                f"Give its value: --context {key.spelled}=VALUE",
            )
        if key.folded in context:
            raise UsageError(
                f"--context and --without both name {key.spelled}.", "", "Leave one out."
            )
    return {parse_key(each).folded: () for each in names}
