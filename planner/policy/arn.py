"""The fields of an ARN, and templates of one that nobody has filled in.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

import re

from planner.policy.variables import opened
from planner.registry import STAND_IN

FIELDS = 6
"""An ARN's fields: `arn`, partition, service, Region, account and resource."""

FILL_IN = "Write the value, or {{name}} and give it in [vars] or by --var."
_BUILT_IN = re.compile(r"\{\{\s*(account_id|region|partition|url_suffix)\s*\}\}")
_STAND_IN = {**STAND_IN.to_json(), "url_suffix": STAND_IN.url_suffix}
_UNFILLED = re.compile(r"<[^<>]*>|\{\{|\$\{(?![^}]*:|[*?$]\})|\$\{(?:AWS|aws)::")
_WORDY_ACCOUNT = re.compile(r"arn:[^:]*:[^:]*:[^:]*:(?!aws:)[A-Za-z][^:]*:")


def fields_of(text: str) -> list[str]:
    """The fields of an ARN; fewer than FIELDS for a text that is none.

    >>> fields_of("arn:aws:iam::111122223333:role/ci")
    ['arn', 'aws', 'iam', '', '111122223333', 'role/ci']
    """
    return text.split(":", FIELDS - 1)


def stand_in(text: str) -> str:
    """The text with parts of some registry where a registry's own parts will be filled in.

    >>> stand_in("arn:{{partition}}:iam::{{account_id}}:role/{{name}}")
    'arn:aws:iam::000000000000:role/{{name}}'
    """
    return _BUILT_IN.sub(lambda match: _STAND_IN[match[1]], text)


def is_unfilled(text: str) -> bool:
    """Whether the text is a template that was meant to be filled in, as examples have them.

    `<account>`, `{{account}}`, `${Account}`, `${AWS::AccountId}`, or letters where an ARN has
    its account id. IAM's own policy variables (`${aws:username}`) have one colon.
    """
    return bool(_UNFILLED.search(text) or _WORDY_ACCOUNT.search(opened(text)))


def unfilled(text: str) -> str:
    """Why a text is malformed that `is_unfilled`."""
    return f"'{text}' is a placeholder that nobody has filled in"
