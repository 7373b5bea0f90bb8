"""The words that stand in more than one output: each stands here, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from planner.policy.action import LAYERS_ACTION, ecr_actions
from planner.policy.action_words import ACTION_WORDS, EVERYTHING
from planner.policy.arn import fields_of
from planner.policy.principal import principal_named
from planner.policy.resource import repository_prefix
from planner.registry import Registry
from planner.text import clean, counted, fold, word


def place_text(found: Mapping[str, Any]) -> str:
    """Where something stands: `file:line`, and `:column` where it has one.

    >>> place_text({"file": "a.json", "line": 3, "column": 7}), place_text({"file": "b", "line": 1})
    ('a.json:3:7', 'b:1')
    """
    column = [str(found["column"])] if "column" in found else []
    return ":".join([clean(found["file"]), str(found["line"]), *column])


def origins_text(origins: Mapping[str, str]) -> str:
    """Where account and Region come from, as `Target.origins` has it; "" for nothing to say.

    >>> origins_text({"account_id": "the resources in the policy", "region": "AWS_REGION"})
    'the account comes from the resources in the policy, the Region from AWS_REGION'
    >>> origins_text({"region": "AWS_REGION"})
    'the Region comes from AWS_REGION'
    """
    nouns = {"account_id": "the account", "region": "the Region"}
    names = {clean(name) for name in origins.values()}
    if len(origins) > len(names) == 1:
        return f"account and Region come from {names.pop()}"
    told = ", ".join(f"{nouns[part]} from {clean(name)}" for part, name in origins.items())
    return told.replace(" from ", " comes from ", 1)


def registry_text(registry: str, origins: Mapping[str, str]) -> str:
    """Which registry something was taken to be for, and where that came from.

    >>> registry_text("444455556666/us-west-2", {"region": "AWS_REGION"})
    'Registry 444455556666/us-west-2: the Region comes from AWS_REGION.'
    """
    return f"Registry {registry}: {origins_text(origins)}." if origins else f"Registry {registry}."


def recorded_text(record: Mapping[str, Any], as_of: str) -> str:
    """Which recorded policy answers a question about a time, and what is not in it.

    >>> text = recorded_text({"serial": 7, "at": "2026-11-23T22:37:57Z"}, "2026-11-25T23:59:59Z")
    >>> text.partition(". ")[0]
    'At 2026-11-25T23:59:59Z planner had recorded serial 7, of 2026-11-23T22:37:57Z'
    """
    return (
        f"At {as_of} planner had recorded serial {record['serial']}, of {clean(record['at'])}. "
        "What was changed outside planner is not in it."
    )


def rolled_back_text(serial: int) -> str:
    """What is left to do once a plan back to a serial is applied.

    >>> rolled_back_text(7).partition(":")[0]
    'No policy file is changed by this. Unless they say the same, their next plan undoes it'
    """
    return (
        "No policy file is changed by this. Unless they say the same, their next plan undoes it: "
        f"change them, too. `planner history show {serial}` prints the policy of that time."
    )


def refused_text(by: str, what: str) -> str:
    """What refuses a plan: the guard, or an assertion.

    >>> refused_text("assertion", "this plan")
    'An assertion refuses this plan.'
    """
    return f"{'The guard' if by == 'guard' else 'An assertion'} refuses {what}."


_EDITS = 5
"""So many edits are named, the latest of them."""


def authors_text(who: Mapping[str, Any]) -> list[str]:
    """Who made a change outside planner, a line each, by its `who` in a view.

    >>> edit = {"at": "2026-11-25T19:00:00Z", "by": "arn:aws:iam::444455556666:user/jane",
    ...     "source": "203.0.113.7", "id": "5a2f"}
    >>> who = {"edits": [edit], "basis": "text", "missing": True}
    >>> for each in authors_text(who): print(each)
    by arn:aws:iam::444455556666:user/jane, 2026-11-25T19:00:00Z, from 203.0.113.7
    and by somebody who is not in CloudTrail yet
    >>> for each in authors_text({**who, "basis": "time", "missing": False}): print(each)
    by its time: arn:aws:iam::444455556666:user/jane, 2026-11-25T19:00:00Z, from 203.0.113.7
    >>> authors_text({"edits": [], "basis": None, "missing": True})
    ['by somebody who is not in CloudTrail yet']
    """
    edits, missing = who["edits"], "by somebody who is not in CloudTrail yet"
    if not edits:
        return [missing if who["missing"] else "by somebody, before the state was last recorded"]
    earlier = len(edits) - _EDITS
    verb = "by its time:" if who["basis"] == "time" else "by"
    if who["basis"] == "time" and len(edits) > 1:
        verb = "by its time, perhaps:"
    lines = [
        f"{verb} {clean(each['by'])}, {clean(each['at'])}, from {clean(each['source'])}"
        for each in edits[-_EDITS:]
    ]
    if earlier > 0:
        lines.insert(0, f"{counted(earlier, 'earlier edit')}, and")
    return [*lines, *([f"and {missing}"] if who["missing"] else [])]


_WAS = {"create": "added", "update": "changed", "delete": "removed"}


def drift_texts(drift: Mapping[str, Any]) -> list[str]:
    """Each change of a view of drift as a sentence."""
    since = f"outside planner since serial {drift['state']['serial']}"
    texts = []
    for each in drift["changes"]:
        who = "; ".join(authors_text(each["who"])) if each["who"] else ""
        told = f"{each['address']} was {_WAS[each['action']]} {since}"
        texts.append(f"{told}: {who}." if who else f"{told}.")
    if drift["unreadable"]:
        texts.append(f"The live policy changed {since}: planner cannot read it.")
    return texts


class Side(NamedTuple):
    """How one side of a comparison is told: its title, its column, and its verb."""

    title: str
    column: str
    verb: str


SIDES = {
    "gained": Side("Access gained", "Can now", "can now"),
    "lost": Side("Access lost", "Could", "can no longer"),
    "denied": Side("Denied now, where other policies allowed it", "Cannot", "is denied"),
    "released": Side("Denied no more, where other policies allow it", "May", "is no longer denied"),
}


def for_one(sentence: str) -> str:
    """The example that stands for all of them."""
    return f"For one, {sentence}."


OTHERS_TOO = "Other accounts are allowed here; their own IAM must allow it too."
"""What another account is allowed in a registry it can do only if it allows it itself."""
DENIED_BESIDE = "Denied, whatever other policies allow:"

UNDER_V2 = "The scope of the registry is not known: this is as under V2."
"""What a policy says of more than three actions rests on the scope of its registry."""


HELD_AGAINST_ALL = (
    "Every request to the registry is then held against the policy, and no longer ReplicateImage, "
    "BatchImportUpstreamImage and CreateRepository alone: a Deny reaches this account's own users "
    "and roles. AWS advises against going back, and planner never does."
)
"""What it means to raise the scope of a registry from V1 to V2."""


def own_account_text(statements: Sequence[str]) -> str:
    """That some Allows say nothing: they name the account of the registry.

    >>> print(own_account_text(["statement[0]"]))
    statement[0] names the registry's own account, which leaves its people to their IAM.
    """
    names = " and ".join(map(clean, statements))
    verb = "names" if len(statements) == 1 else "name"
    return f"{names} {verb} the registry's own account, which leaves its people to their IAM."


_ANSWERS = {"ask": "asks for a reason", "refuse": "refuses"}


def guard_text(answer: str, what: str = "") -> str:
    """What the guard says to a plan.

    >>> guard_text("refuse", "this plan"), guard_text("ask")
    ('The guard refuses this plan', 'The guard asks for a reason')
    """
    return f"The guard {_ANSWERS[answer]} {what}".rstrip()


_SHOWN = 6
"""So many actions are named before the rest is counted."""


def actions_text(actions: Sequence[str]) -> str:
    """Actions as people call them; those without such a name by their own.

    BatchCheckLayerAvailability is part of pushing, and is not told beside pulling.
    """
    left = {fold(each): each for each in actions}
    known = ecr_actions()
    if set(known) <= set(left):
        others = [left[each] for each in left if each not in known]
        return ", ".join([f"{EVERYTHING} (ecr:*)", *map(word, sorted(others))])
    said: list[str] = []
    for phrase in ACTION_WORDS:
        folded = [fold(name) for name in phrase.actions]
        if all(each in left for each in folded):
            said.append(phrase.text)
            for each in folded:
                del left[each]
    if "pull" in said:
        left.pop(fold(LAYERS_ACTION), None)
    rest = sorted(map(word, left.values()))
    hidden = f"{len(rest) - _SHOWN} more" if len(rest) > _SHOWN + 1 else ""
    shown = rest[:_SHOWN] if hidden else rest
    return ", ".join([*said, *shown, *([hidden] if hidden else [])])


def resource_text(resource: str, registry: Registry | None) -> str:
    """A resource, without what all of the registry's repositories begin with."""
    prefix = repository_prefix(registry) if registry else ""
    if prefix and resource.startswith(prefix):
        return clean("repository/" + resource.removeprefix(prefix))
    return clean(resource)


def principal_text(kind: str, identifier: str, accounts: Mapping[str, str]) -> str:
    """Whom a row is about, with the name of the account where `accounts` has one."""
    if kind == "malformed":
        return word(identifier)
    if kind == "own":
        name = f" ({clean(accounts[identifier])})" if identifier in accounts else ""
        return f"this account's users and roles, {identifier}{name}"
    if kind == "attached":
        return "whoever has the policy"
    named = principal_named(identifier)
    if named.kind == "everyone":
        return {"everyone": "everyone", "anonymous": "anonymous callers"}.get(
            kind, f"any other {kind}"
        )
    name = f" ({clean(accounts[named.account])})" if named.account in accounts else ""
    if not named.partition:
        return f"{kind} {word(identifier)}{name}"
    if named.kind == "account":
        of_root = f"{kind} of account" if kind == "root" else "account"
        return f"{of_root} {named.account}{name}"
    return f"{word(fields_of(identifier)[-1])} of {named.account}{name}"


def assertion_text(assertion: Mapping[str, Any], accounts: Mapping[str, str]) -> str:
    """What an assertion says, in a sentence without its end.

    >>> said = {"principal": ["*"], "outside": ["o-a1b2c3d4e5"], "action": ["push"], "may": False,
    ...     "repository": ["*"], "context": {}}
    >>> assertion_text(said, {})
    'nobody outside of o-a1b2c3d4e5 may push on *'
    >>> assertion_text({**said, "principal": ["222233334444"], "outside": [], "may": True}, {})
    'account 222233334444 may push on *'
    """
    everyone = "everyone" if assertion["may"] else "nobody"
    callers = [_caller_text(each, accounts) for each in assertion["principal"]]
    who = everyone if assertion["principal"] == ["*"] else ", ".join(callers)
    outside = " or ".join(_caller_text(each, accounts) for each in assertion["outside"])
    but = f" outside of {outside}" if outside else ""
    verb = "may" if assertion["may"] or who == everyone else "may never"
    names = ", ".join(
        each if each == "*" else f"repository/{clean(each)}" for each in assertion["repository"]
    )
    given = "".join(
        f", with {clean(key)} {' or '.join(map(word, values))}"
        for key, values in assertion["context"].items()
    )
    return f"{who}{but} {verb} {', '.join(map(clean, assertion['action']))} on {names}{given}"


def _caller_text(text: str, accounts: Mapping[str, str]) -> str:
    named = principal_named(text)
    return word(text) if named.malformed else principal_text(named.kind, text, accounts)
