"""What people name on the command line, as values: callers, actions, resources.

They may use the words of the tables of access, so that a cell can be copied into a command.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from planner.access.request import Caller, parse_caller
from planner.errors import PlannerError, UsageError
from planner.policy.action import parse_action
from planner.policy.action_words import ACTION_WORDS, actions_called, nearest_word
from planner.policy.image import parse_image
from planner.policy.principal import principal_named
from planner.policy.resource import parse_resource, repository_prefix
from planner.registry import ACCOUNT_ID, Registry
from planner.text import fold

# As `principal_text` of the renderers writes them.
_ALIAS_BEHIND = re.compile(r" \([^()]*\)")
_OF_ACCOUNT = re.compile(rf"(?P<path>[a-z-]+/\S+) of (?P<account>{ACCOUNT_ID.pattern})")
_KINDS = (
    "account",
    "root of account",
    "user",
    "role",
    "session",
    "federated-user",
    "service",
    "federated",
    "canonical",
    "unique-id",
)
_EVERYONE = ("everyone", "anonymous", "anonymous callers")
_STS = ("assumed-role", "federated-user")
_ID_OF_SESSION = "session"


def caller_named(
    text: str, registry: Registry | None = None, accounts: Mapping[str, str] | None = None
) -> Caller:
    """The caller that a text names: an id, an ARN, a service, `*`, or as a table has it.

    `accounts` gives the names of account ids. Raises UsageError for a text that names none.

    >>> caller_named("role/ci of 111122223333").text
    'arn:aws:iam::111122223333:role/ci'
    >>> caller_named("build", None, {"111122223333": "build"}).account
    '111122223333'
    """
    partition = registry.partition if registry else None
    bare = _ALIAS_BEHIND.sub("", text) if text.endswith(")") else text
    ids = [key for key, name in (accounts or {}).items() if name == bare]
    if len(ids) == 1:
        return parse_caller(ids[0], partition)
    if fold(bare) in _EVERYONE:
        return parse_caller("*", partition)
    if found := _OF_ACCOUNT.fullmatch(bare):
        service = "sts" if found["path"].partition("/")[0] in _STS else "iam"
        where = f"{partition or 'aws'}:{service}::{found['account']}"
        return parse_caller(f"arn:{where}:{found['path']}", partition)
    kind, space, rest = bare.rpartition(" ")
    bare = rest if space and kind in _KINDS else bare
    unique, colon, session = bare.partition(":")
    if principal_named(unique).kind == "unique-id":
        is_role = unique.startswith("AROA")
        name = (session or _ID_OF_SESSION) if is_role else session
        if not (colon and not name):
            return Caller("unique-id", unique, partition or "", name=name)
    return parse_caller(bare, partition)


def actions_named(text: str) -> tuple[str, ...]:
    """The actions of ECR that a word, a name or a pattern means, in their documented spelling.

    Raises UsageError, with the nearest action, for a text that means none: a typing error is
    no answer.

    >>> actions_named("ecr:Replicate*")
    ('ecr:ReplicateImage',)
    """
    if called := actions_called(text):
        return called
    pattern = parse_action(text)
    meant = () if pattern.malformed else pattern.expand()
    if meant:
        return tuple(each.name for each in meant)
    by_name = parse_action(f"ecr:{text}")
    near = by_name.spelled().text if by_name.expand() else nearest_word(text)
    words = ", ".join(each.text for each in ACTION_WORDS)
    raise UsageError(
        f"'{text}' is no action of ECR.",
        f"Did you mean '{near}'?" if near else "",
        f"Write an action as IAM names it, ecr:BatchGetImage say, or a word: {words}.",
    )


def resource_named(text: str, registry: Registry | None) -> str:
    """The ARN of a repository, or of all that a pattern of names means; `*` for no resource.

    The text is a name in the registry, `repository/x`, the address of an image, an ARN or `*`.
    Raises UsageError for what is none and for another registry's, PlannerError for a name
    where the registry is not known.
    """
    if text == "*":
        return text
    named = registry_of(text)
    if text.startswith("arn:"):
        arn = _without_tag(text)
        if malformed := parse_resource(arn).malformed:
            example = "As in arn:aws:ecr:REGION:ACCOUNT:repository/x."
            raise UsageError(f"{malformed}.", "", example)
    else:
        name = parse_image(text).repository.removeprefix("repository/")
        arn = _prefix(text, named or registry) + name
    if named and registry and named != registry:
        raise UsageError(
            f"'{text}' is in another registry.",
            f"It is in {named}, and this is {registry}: each registry has a policy of its own.",
            "Ask about a repository of this registry, or run the command for the other one.",
        )
    repository = parse_resource(arn).repository
    if repository is not None and repository.has_other_characters:
        raise UsageError(f"{repository.malformed}.", "", "Write it as in prod/app, or the ARN.")
    return arn


def registry_of(text: str) -> Registry | None:
    """The registry that an ARN or the address of an image names by itself."""
    if text.startswith("arn:"):
        return parse_resource(text).registry
    return parse_image(text).registry


def _without_tag(arn: str) -> str:
    """The ARN of a repository without the tag or digest of an image behind it."""
    head, kind, name = arn.partition("repository/")
    return head + kind + parse_image(name).repository if kind else arn


def _prefix(text: str, registry: Registry | None) -> str:
    if registry is None:
        raise PlannerError(
            f"planner does not know which registry '{text}' is in.",
            "Neither the settings nor the resources in the policy name one.",
            "Give the ARN of the repository, or --account-id ID and --region REGION.",
        )
    return repository_prefix(registry)
