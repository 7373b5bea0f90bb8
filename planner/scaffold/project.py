"""What a new project starts with: settings, a policy, and the files that CI reads."""

from __future__ import annotations

from pathlib import Path

from planner.generate.policy_types import POLICY_TYPES, PartialRegistry, make_statement
from planner.policy.edit import new_policy

IGNORED = (".planner/", "plan.json")
"""What a project keeps out of its repository: local state, and plans."""

CI_FILES = {"github": ".github/workflows/registry-policy.yml", "gitlab": ".gitlab-ci.yml"}
"""Where each service looks for the file that `ci_text` gives."""

SOURCE_ACCOUNT = "source_account"
"""The variable that the first policy leaves open, so that it grants nothing to anyone."""


def settings_text(target: PartialRegistry) -> str:
    """A `planner.toml` for the registry; what is not known of it is commented out."""
    account_id, region = target.known.get("account_id"), target.known.get("region")
    return _template(
        "planner.toml",
        ACCOUNT_SETTING=_setting("account_id", account_id, "444455556666"),
        REGION_SETTING=_setting("region", region, "us-west-2"),
    )


def policy_text(target: PartialRegistry) -> str:
    """A policy with one statement for replication, whose source account is still to be named."""
    kind = next(each for each in POLICY_TYPES if each.name == "replication")
    source = f"{{{{{SOURCE_ACCOUNT}}}}}"
    answers = {"sid": ("ReplicationAccess",), "account": (source,)}
    return new_policy(make_statement(kind, answers, target))


def ci_text(service: str, target: PartialRegistry) -> str:
    """The CI file of a service of CI_FILES; what is not known stands in capitals."""
    known = {"account_id": "ACCOUNT_ID", "region": "REGION", "partition": "aws", **target.known}
    return _template(f"{service}.yml", **{name.upper(): value for name, value in known.items()})


def ignore_text(existing: str) -> str:
    """The `.gitignore` with the lines of IGNORED that it lacks."""
    lines = {line.strip().strip("/") for line in existing.splitlines()}
    missing = [each for each in IGNORED if each.strip("/") not in lines]
    if missing and existing and not existing.endswith("\n"):
        existing += "\n"
    return existing + "".join(f"{each}\n" for each in missing)


def _setting(name: str, value: str | None, example: str) -> str:
    return f'{name} = "{value}"' if value else f'# {name} = "{example}"'


def _template(name: str, **values: str) -> str:
    text = (Path(__file__).parent / "templates" / name).read_text("utf-8")
    for key, value in values.items():
        text = text.replace(f"@{key}@", value)
    return text
