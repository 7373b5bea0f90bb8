"""One pattern of a Resource: which repositories it names, or why it is no ARN.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/security_iam_service-with-iam.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from planner.automata.form import Form, Table
from planner.automata.pattern import intersects
from planner.policy import variables
from planner.policy.arn import FIELDS, FILL_IN, fields_of, is_unfilled, stand_in, unfilled
from planner.registry import ACCOUNT_ID, PARTITION, REGION, Registry

_ANY = re.compile(r".*", re.DOTALL)
_SOME = re.compile(r".+", re.DOTALL)
_SERVICE = re.compile(r"[a-z0-9-]+")
# Each field: what it is called, its form, and a pattern that all such texts match.
_ARN: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("prefix", re.compile("arn"), "arn"),
    ("partition", PARTITION, "aws*"),
    ("service", _SERVICE, "?*"),
    ("Region", re.compile(rf"(?:{REGION.pattern})?"), "*"),
    ("account", _ANY, "*"),
    ("resource", _SOME, "?*"),
)
_ECR_ARN = (
    *_ARN[:2],
    ("service", re.compile("ecr"), "ecr"),
    ("Region", REGION, "??*-?*-?*"),
    ("account id", ACCOUNT_ID, "????????????"),
    ("resource", _SOME, "?*"),
)
_REPOSITORY_ARN = (
    *_ECR_ARN[:-1],
    ("resource", re.compile("repository/.+", re.DOTALL), "repository/?*"),
)

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
# `RepositoryName` in the API model: [a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/...)*, from 2 characters:
# https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
_SEPARATORS = ((_LETTERS, 2), ("./", 3), ("_", 4), ("-", 5))
REPOSITORY_TABLE: Table = {
    0: [(_LETTERS, 1)],
    1: _SEPARATORS,
    2: _SEPARATORS,
    3: [(_LETTERS, 2)],
    4: [(_LETTERS, 2), ("_", 3)],
    5: [(_LETTERS, 2), ("-", 5)],
}
"""The names of repositories, for `Form`: a text may end in the states REPOSITORY_ENDS."""
REPOSITORY_ENDS = (2,)
_NAMES = Form("", REPOSITORY_TABLE, REPOSITORY_ENDS)
MAX_NAME = 256
_CHARACTERS = re.compile(r"[a-z0-9._/*?-]*")


@dataclass(frozen=True, slots=True)
class RepositoryName:
    """The name of a repository, or a pattern of names."""

    text: str

    @property
    def malformed(self) -> str:
        """Why no repository can have such a name, or `""`.

        >>> RepositoryName("team/app-*").malformed, bool(RepositoryName("a..b").malformed)
        ('', True)
        """
        if self.is_too_long:
            return f"a repository name has at most {MAX_NAME} characters"
        if _NAMES.meets(self.text):
            return ""
        return f"no repository is named like '{self.text}'"

    @property
    def has_other_characters(self) -> bool:
        """Whether it has a character that no name has, such as a capital letter."""
        return not _CHARACTERS.fullmatch(self.text)

    @property
    def is_too_long(self) -> bool:
        """Whether it has more characters than a name may have, wildcards aside."""
        return len(self.text.replace("*", "")) > MAX_NAME

    @property
    def may_begin(self) -> bool:
        """Whether some name begins with this text."""
        return not self.is_too_long and _NAMES.after(self.text) is not None


@dataclass(frozen=True, slots=True, order=True)
class ResourcePattern:
    """One value of Resource, equal to another by its text alone.

    `malformed` says why it is no ARN nor a pattern of any, `mend` what to do. `opened` is the
    pattern with any text in the place of a policy variable, and with parts of some registry
    in the place of those that will be filled in. Wildcards may hide which
    repositories are meant: `repository` is None where they do, or where none are.
    """

    text: str
    opened: str = field(compare=False)
    malformed: str = field(default="", compare=False)
    mend: str = field(default="", compare=False)

    @property
    def is_repository(self) -> bool:
        """Whether some repository of some registry has an ARN that the pattern matches."""
        return not self.malformed and not _fault(self.opened, _REPOSITORY_ARN)

    @property
    def repository(self) -> RepositoryName | None:
        """The name, where the pattern spells out that it is one of a repository."""
        fields = fields_of(self.opened)
        if len(fields) < FIELDS or not self.is_repository:
            return None
        kind, _, name = fields[-1].partition("/")
        return RepositoryName(name) if kind == "repository" else None

    @property
    def registry(self) -> Registry | None:
        """The one registry whose repositories it names, by its first fields; else None."""
        fields = fields_of(self.text)
        forms = [form for _, form, _ in _ECR_ARN]
        if len(fields) < FIELDS or not fields[-1].startswith("repository/"):
            return None
        if not all(form.fullmatch(each) for form, each in zip(forms, fields, strict=True)):
            return None
        _, partition, _, region, account_id, _ = fields
        return Registry(partition, account_id, region)

    @property
    def partition(self) -> str:
        """The partition of an ARN that spells it out, or `""`."""
        fields = fields_of(self.text)
        is_arn = fields[0] == "arn" and len(fields) > 1 and PARTITION.fullmatch(fields[1])
        return fields[1] if is_arn else ""


@lru_cache(maxsize=8192)
def parse_resource(text: str) -> ResourcePattern:
    """What a value of Resource matches, or why it matches no ARN.

    The placeholders of a registry's own parts (`{{region}}`) are well formed.

    >>> parse_resource("arn:aws:ecr:us-west-2:444455556666:repository/*").malformed
    ''
    >>> parse_resource("arn:awsx:ecr:us-west-2:444455556666:repository/*").malformed
    "'arn:awsx:ecr:us-west-2:444455556666:repository/*' is no ARN: 'awsx' is no partition"
    """
    opened = variables.opened(stand_in(text))
    if is_unfilled(stand_in(text)):
        return ResourcePattern(text, opened, unfilled(text), FILL_IN)
    fields = fields_of(opened)
    is_ecr = fields[2:3] == ["ecr"]
    fault = _fault(opened, _ECR_ARN if is_ecr else _ARN)
    reason = f"'{text}' is no ARN: {fault}" if fault else ""
    return ResourcePattern(text, opened, reason)


def _fault(pattern: str, forms: tuple[tuple[str, re.Pattern[str], str], ...]) -> str:
    """Why no ARN of this form matches the pattern, or `""`.

    A `*` may stand for several fields of the ARN; those before it are compared one by one.
    """
    fields = fields_of(pattern)
    for index, (text, (name, form, wide)) in enumerate(zip(fields, forms, strict=False)):
        if "*" in text:
            rest = ":".join(each for _, _, each in forms[index:])
            fits = intersects(":".join(fields[index:]), rest)
            return "" if fits else f"'{text}' is no {name} of one"
        fits = intersects(text, wide) if "?" in text else bool(form.fullmatch(text))
        if not fits:
            return f"'{text}' is no {name}"
    return "" if len(fields) == FIELDS else f"it has {len(fields)} of {FIELDS} fields"


def repository_arn(partition: str, region: str, account_id: str, name: str) -> str:
    """The ARN of a repository, or of all that a pattern of names means."""
    return f"arn:{partition}:ecr:{region}:{account_id}:repository/{name}"


def repository_prefix(registry: Registry) -> str:
    """What the ARN of each repository of a registry begins with."""
    return repository_arn(registry.partition, registry.region, registry.account_id, "")
