"""Statements made from a few answers, as "Generate statement" of the ECR console makes them.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions-create.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions-create-pullthroughcache.html

Every answer may hold placeholders (`{{name}}`); what stands around them is checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from planner.policy.action import (
    LAYERS_ACTION,
    PULL_ACTIONS,
    PUSH_ACTIONS,
    V1_ACTIONS,
    parse_action,
)
from planner.policy.document import EVERYONE, Patterns, Principal, Statement, parse_condition
from planner.policy.ecr_rules import RAISE_SCOPE, principal_refusal
from planner.policy.keys import ORGANIZATION_ID
from planner.policy.placeholders import sample
from planner.policy.principal import parse_principal
from planner.policy.resource import MAX_NAME, RepositoryName, parse_resource, repository_arn
from planner.registry import ACCOUNT_ID
from planner.text import word

_SID = re.compile(r"[A-Za-z0-9]+")
_WHOLE_PLACEHOLDER = re.compile(r"\{\{[^{}]+\}\}")
ROOT = "ROOT"
"""The namespace of the pull through cache rule for all that no other rule is for:
https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-private-wildcards.html"""


@dataclass(frozen=True, slots=True)
class PartialRegistry:
    """The registry that a statement is for; a part that is not known is its placeholder."""

    partition: str = "{{partition}}"
    account_id: str = "{{account_id}}"
    region: str = "{{region}}"

    def repositories(self, pattern: str) -> str:
        """The ARN of the repositories whose names match."""
        return repository_arn(self.partition, self.region, self.account_id, pattern)

    @property
    def known(self) -> dict[str, str]:
        """The placeholders that have a value, and what they are filled with."""
        parts = {
            "account_id": self.account_id,
            "region": self.region,
            "partition": self.partition,
        }
        return {name: value for name, value in parts.items() if "{{" not in value}


def sid_refusal(value: str, _target: PartialRegistry) -> str:
    """Why the text cannot be a Sid, or `""`.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
    """
    return (
        "" if _SID.fullmatch(value) else f"{word(value)} is no Sid: one has letters and digits only"
    )


def account_refusal(value: str, target: PartialRegistry) -> str:
    """Why the text cannot be an account id, or `""`."""
    if ACCOUNT_ID.fullmatch(sample(value, target.known)):
        return ""
    return f"{word(value)} is no account id: one has 12 digits"


def organization_refusal(value: str, target: PartialRegistry) -> str:
    """Why the text cannot be the id of an organization, or `""`."""
    if _WHOLE_PLACEHOLDER.fullmatch(value) or ORGANIZATION_ID.fits(sample(value, target.known)):
        return ""
    return f"{word(value)} is no organization id: one reads as o-a1b2c3d4e5"


def entity_refusal(value: str, target: PartialRegistry) -> str:
    """Why the text cannot be the user, role or account that may use the cache, or `""`."""
    named = parse_principal("AWS", sample(value, {"partition": "aws", **target.known}))
    if named.kind in ("everyone", "unique-id"):
        return f"{word(value)} names no user or role: give its ARN"
    reason = principal_refusal(named, target.known.get("partition", named.partition))
    return reason.text if reason else ""


def prefix_refusal(value: str, target: PartialRegistry) -> str:
    """Why no repository's name can begin with the text, or `""`."""
    if value.endswith("*"):
        return f"{word(value)} ends in '*', which is added for you"
    name = RepositoryName(sample(value, target.known))
    return _form_refusal(value, "the beginning of a repository name", name, name.may_begin)


def namespace_refusal(value: str, target: PartialRegistry) -> str:
    """Why the text cannot be the namespace of a pull through cache rule, or `""`."""
    if value == ROOT:
        return ""
    # A repository in it is named NAMESPACE/NAME, so that one letter will do.
    name = RepositoryName(f"{sample(value.removesuffix('/'), target.known)}/*")
    return _form_refusal(value, "a namespace", name, not name.malformed)


def repository_refusal(value: str, target: PartialRegistry) -> str:
    """Why the text cannot be a repository's name, or the beginning of some and `*`, or `""`."""
    if value.endswith("*"):
        return prefix_refusal(value.removesuffix("*"), target) if value != "*" else ""
    name = RepositoryName(sample(value, target.known))
    # It comes behind its namespace, so that one letter will do.
    in_folder = RepositoryName(f"a/{name.text}")
    return _form_refusal(value, "a repository name", name, not in_folder.malformed)


def _form_refusal(value: str, what: str, name: RepositoryName, fits: bool) -> str:  # noqa: FBT001
    if name.is_too_long:
        return f"{what} has at most {MAX_NAME} characters"
    if fits and "*" not in value and "?" not in value:
        return ""
    return (
        f"{word(value)} is not {what}: names have lower-case letters and digits, and "
        "between them single '.', '_', '-' or '/'"
    )


Answers = Mapping[str, tuple[str, ...]]
"""The values of each field by its name, all of them checked; a field may be missing."""


@dataclass(frozen=True, slots=True)
class Field:
    """One answer that a statement is made from.

    `name` is that of its option, `question` what the console calls it. `refusal` says why a
    value cannot be taken. With `many`, any number of values; unless `needed`, none will do;
    accounts are not needed where there is an organization.
    """

    name: str
    question: str
    refusal: Callable[[str, PartialRegistry], str]
    many: bool = False
    needed: bool = True

    def split(self, text: str) -> list[str]:
        """The values in one text: separated by commas, but a comma may stand in a role's name."""
        comma = rf",\s*(?=arn:|\{{\{{|{ACCOUNT_ID.pattern}\b)" if self.name == "principal" else r","
        values = re.split(comma, text) if self.many else [text]
        return [value.strip() for value in values if value.strip()]

    def is_needed(self, answers: Answers) -> bool:
        """Whether it must be answered, after the answers that came before."""
        instead = ORGANIZATION.name in answers and self.name == ACCOUNTS.name
        return self.needed and not instead


SID = Field("sid", "Statement id (letters and digits)", sid_refusal)
ACCOUNTS = Field(
    "account", "Accounts (12 digits each, separated by commas)", account_refusal, many=True
)
ORGANIZATION = Field(
    "organization",
    "Organization (o-...), or empty to name accounts",
    organization_refusal,
    needed=False,
)
PREFIX = Field(
    "repository-prefix", "Repository prefix, or empty for all", prefix_refusal, needed=False
)
ENTITIES = Field("principal", "IAM entities (ARNs, separated by commas)", entity_refusal, many=True)
NAMESPACE = Field("namespace", "Cache namespace", namespace_refusal)
REPOSITORIES = Field(
    "repository",
    "Repository names in it, or empty for all",
    repository_refusal,
    many=True,
    needed=False,
)


@dataclass(frozen=True, slots=True)
class PolicyType:
    """One policy type: what it is called, what it asks for, what it allows in words."""

    name: str
    title: str
    fields: tuple[Field, ...]
    actions: tuple[str, ...]
    allows: str
    notes: tuple[str, ...]


_IN_IAM = (
    "Their own IAM policies must allow these actions too, and ecr:GetAuthorizationToken to log in."
)
_SHARED = (SID, ORGANIZATION, ACCOUNTS, PREFIX)

POLICY_TYPES = (
    PolicyType(
        "replication",
        "Replication - cross account",
        (SID, ACCOUNTS, PREFIX),
        ("ecr:CreateRepository", "ecr:ReplicateImage"),
        "replicate images into this registry, and create the repositories that do not exist yet",
        ("The source registry still needs a replication rule that names this one.",),
    ),
    PolicyType(
        "pull-through-cache",
        "Pull through cache - scoped",
        (SID, ENTITIES, NAMESPACE, REPOSITORIES),
        ("ecr:BatchImportUpstreamImage", "ecr:CreateRepository"),
        "fetch upstream images into the cache, and create the repositories that hold them",
        ("The registry still needs a pull through cache rule for the namespace.",),
    ),
    # https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html
    PolicyType(
        "pull",
        "Pull - cross account",
        _SHARED,
        (LAYERS_ACTION, *PULL_ACTIONS),
        "pull images",
        (_IN_IAM,),
    ),
    # https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
    PolicyType(
        "push",
        "Push - cross account",
        _SHARED,
        (LAYERS_ACTION, "ecr:BatchGetImage", *PUSH_ACTIONS),
        "push images to repositories that exist",
        (_IN_IAM,),
    ),
)
"""The policy types, in the order in which they are offered."""


def policy_type_named(name: str) -> PolicyType:
    """The policy type that `planner generate` calls by this name."""
    return next(each for each in POLICY_TYPES if each.name == name)


def make_statement(policy_type: PolicyType, answers: Answers, target: PartialRegistry) -> Statement:
    """The statement that the answers ask for."""
    organization = answers.get(ORGANIZATION.name, ())
    principals = answers.get(ACCOUNTS.name, ()) + answers.get(ENTITIES.name, ())
    ids = tuple(parse_principal("AWS", each) for each in dict.fromkeys(principals))
    arns = map(target.repositories, dict.fromkeys(_repository_patterns(answers)))
    return Statement(
        sid=answers[SID.name][0],
        effect="Allow",
        principal=Principal(EVERYONE if organization else (("AWS", ids),)),
        action=Patterns(tuple(map(parse_action, policy_type.actions))),
        resource=Patterns(tuple(map(parse_resource, arns))),
        conditions=(parse_condition("StringEquals", "aws:PrincipalOrgID", organization),)
        if organization
        else (),
    )


def _repository_patterns(answers: Answers) -> list[str]:
    if NAMESPACE.name not in answers:
        return [f"{prefix}*" for prefix in answers.get(PREFIX.name) or ("",)]
    namespace = answers[NAMESPACE.name][0].removesuffix("/")
    folder = "" if namespace == ROOT else f"{namespace}/"
    return [f"{folder}{name}" for name in answers.get(REPOSITORIES.name) or ("*",)]


def preview(policy_type: PolicyType, statement: Statement, target: PartialRegistry) -> list[str]:
    """What the statement allows, in words, and what else it takes; a line each."""
    ids = [each.text for each in statement.principal or ()]
    values = statement.resource.texts if statement.resource else ()
    who = ", ".join(map(word, ids))
    for condition in statement.conditions:
        who = f"every principal of the organization {word(condition.texts[0])}"
    lines = [
        f"{policy_type.title}: {word(statement.sid or '')}",
        f"  who    {who}",
        f"  may    {policy_type.allows}",
        *(f"  {'in' if not at else '':6} {word(value)}" for at, value in enumerate(values)),
    ]
    notes = list(policy_type.notes)
    if not set(policy_type.actions) <= set(V1_ACTIONS):
        notes.append(f"This takes registry policy scope V2. To raise it: {RAISE_SCOPE}")
    if target.account_id in ids:
        notes.append(
            f"{target.account_id} is the registry's own account"
            + (
                "; replication inside one account needs no statement."
                if policy_type.name == "replication"
                else "."
            )
        )
    return [*lines, *(f"Note: {note}" for note in notes)]
