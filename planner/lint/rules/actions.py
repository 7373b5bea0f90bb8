"""Rules about what a statement is for."""

from __future__ import annotations

from collections.abc import Iterator

from planner.automata.pattern import subsumes
from planner.lint.rule import LintContext, LocatedStatement, Violation, rule, some, statement_rule
from planner.policy.ecr_rules import RAISE_SCOPE, needs_v2
from planner.policy.variables import opened

_PAIRS = 15_000
"""So many pairs of a list are compared: more than any list that was written by hand has."""
_FEW = 8
"""So many patterns are looked at together; more of them could keep one waiting."""


@rule("malformed-action", "error", "An action that is named like none of any service")
def malformed_action(context: LintContext) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html"""
    return context.refused("malformed-action")


@rule("unknown-action", "error", "ECR has no such action")
def unknown_action(context: LintContext) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html"""
    hint = "Correct the name. If ECR has the action since lately, switch this rule off."
    return context.refused("unknown-action", hint)


@rule("scope-v1", "error", "The action needs registry policy scope V2, and the registry has V1")
def scope_v1(context: LintContext) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html"""
    for located in context.statements if context.scope == "V1" else ():
        own = [(pointer, each.text) for pointer, each in located.actions() if needs_v2(each)]
        if not own:
            continue
        names = ", ".join(text for _, text in own)
        message = f"registry policy scope V2 is needed for {names}, and this registry has V1"
        hint = f"Remove {'it' if len(own) == 1 else 'them'}, or raise the scope: {RAISE_SCOPE}"
        yield Violation(own[0][0], message, hint)


@rule("needs-scope-v2", "note", "The action needs registry policy scope V2")
def needs_scope_v2(context: LintContext) -> Iterator[Violation]:
    """New accounts have it; where the scope is not known it is worth a look.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
    """
    if context.scope is not None:
        return
    for located in context.statements:
        beyond = [(pointer, action) for pointer, action in located.actions() if needs_v2(action)]
        if beyond:
            message = f"'{beyond[0][1].text}' needs registry policy scope V2"
            if len(beyond) > 1:
                message = f"{len(beyond)} actions need registry policy scope V2"
            hint = f"If the registry has scope V1: {RAISE_SCOPE}"
            yield Violation(beyond[0][0], message, hint)


def _gives(context: LintContext, located: LocatedStatement) -> bool:
    """Whether it allows the actions that it lists, and somebody gains by that."""
    return located.allows and not located.statement.action.negated and context.gives(located)


@statement_rule("all-actions", "warning", "Every action is allowed")
def all_actions(context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """`ecr:*` deletes repositories and changes this very policy.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege
    """
    for pointer, action in located.actions():
        if _gives(context, located) and action.is_every:
            message = f"'{action.text}' allows everything, deleting and this very policy included"
            yield Violation(pointer, message, "List the actions that are needed.")


@statement_rule("wide-action", "warning", "A wildcard allows actions that change something")
def wide_action(context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """What a wildcard takes in today, and tomorrow, is rarely what was meant.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege
    """
    if not _gives(context, located):
        return
    for pointer, action in located.actions():
        if action.is_every or not action.is_wild:
            continue
        meant = action.expand()
        changing = [each.name for each in meant if each.access_level not in ("Read", "List")]
        if changing:
            message = f"'{action.text}' allows {some(changing)}"
            yield Violation(pointer, message, "List the actions that are needed.")


@statement_rule("allow-not-action", "warning", "NotAction in an Allow")
def allow_not_action(context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """It allows every action but those named, and all that ECR will ever have.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html
    """
    if located.allows and located.statement.action.negated and context.gives(located):
        message = "an Allow with NotAction allows every other action, new ones too"
        yield Violation(located.element("NotAction"), message, "List in Action what is needed.")


@statement_rule("redundant-action", "warning", "An action that the others of the list include")
def redundant_action(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"""
    listed = list(located.actions())
    yield from redundant([(pointer, each.text, each.folded) for pointer, each in listed])


def redundant(listed: list[tuple[str, str, str]]) -> Iterator[Violation]:
    """The patterns of a list that others include: (pointer, as written, as compared) each.

    Of two equal ones the later is redundant. No number of plain texts includes a pattern, and
    of a policy variable only a wildcard is known to include what it may stand for. In a
    list of many hundreds only its first patterns are asked whether they include others.
    """
    seen: set[str] = set()
    plain = [each for each in listed if "${" not in each[1]]
    wild = [(written, pattern) for _, written, pattern in plain if set(pattern) & {"*", "?"}]
    are_few = len(wild) <= _FEW
    wild = wild[: _PAIRS // max(len(listed), 1)]
    for pointer, written, pattern in listed:
        wider = [(other, each) for other, each in wild if each != pattern]
        meant = opened(pattern)
        cover = written if pattern in seen else _cover(wider, meant)
        if cover:
            yield Violation(pointer, f"'{cover}' includes '{written}'", "Remove it.")
        elif are_few and len(wider) > 1 and subsumes([each for _, each in wider], meant):
            yield Violation(pointer, f"the others together include '{written}'", "Remove it.")
        seen.add(pattern)


def _cover(wider: list[tuple[str, str]], pattern: str) -> str:
    return next((written for written, each in wider if subsumes([each], pattern)), "")
