"""What a new project starts with: settings, a policy, and the files that CI reads."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from planner.config.settings import FILE_NAME
from planner.generate.policy_types import PartialRegistry, make_statement, policy_type_named
from planner.policy.edit import new_policy

IGNORED = (".planner/", "plan.json")
"""What a project keeps out of its repository: local state, and plans."""

CI_FILES = {"github": ".github/workflows/registry-policy.yml", "gitlab": ".gitlab-ci.yml"}
"""Where each service looks for the file that `ci_text` gives."""

SOURCE_ACCOUNT = "source_account"
"""The variable that the first policy leaves open, so that it grants nothing to anyone."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the files of a project stand: its folder, its policy, a CI file for each service."""

    folder: Path
    policy: Path
    services: tuple[str, ...] = ()

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.folder / FILE_NAME

    @property
    def ignored(self) -> Path:
        """The file that says what stays out of the repository."""
        return self.folder / ".gitignore"

    @property
    def ci(self) -> dict[str, Path]:
        """The CI file of each service."""
        return {service: self.folder / CI_FILES[service] for service in self.services}

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that are written whole, or not at all."""
        return (self.settings, self.policy, *self.ci.values())


@dataclass(frozen=True, slots=True)
class Start:
    """What a project starts from: its registry, and the live policy's text where it has one.

    `told` says where the policy is from, or why it is not the live one.
    """

    target: PartialRegistry
    live: str | None = None
    told: str = ""


def texts(layout: Layout, start: Start) -> dict[Path, str]:
    """The content of each of the layout's files."""
    return {
        layout.settings: settings_text(start.target),
        layout.policy: start.live or policy_text(start.target, str(layout.policy)),
        **{path: ci_text(service, start.target) for service, path in layout.ci.items()},
    }


def next_steps(
    layout: Layout, start: Start, written: Collection[Path], *, is_here: bool
) -> list[str]:
    """What to do after `written` was; `is_here` where the folder is the current one."""
    steps = [] if is_here else [f"cd {layout.folder}"]
    if layout.policy in written and start.live is None:
        steps.append(f"edit {FILE_NAME}: give {SOURCE_ACCOUNT} a value under [vars]")
    steps += ["planner plan --out plan.json", "planner apply plan.json"]
    if layout.ci:
        files = ", ".join(map(str, layout.ci.values()))
        steps.append(
            f"read the top of {files}: roles, approval, and where planner is installed from"
        )
    return steps


def settings_text(target: PartialRegistry) -> str:
    """A `planner.toml` for the registry; what is not known of it is commented out."""
    account_id, region = target.known.get("account_id"), target.known.get("region")
    return _template(
        "planner.toml",
        ACCOUNT_SETTING=_setting("account_id", account_id, "444455556666"),
        REGION_SETTING=_setting("region", region, "us-west-2"),
    )


def policy_text(target: PartialRegistry, name: str = "policy") -> str:
    """A policy file with one statement for replication, whose source account is to be named."""
    source = f"{{{{{SOURCE_ACCOUNT}}}}}"
    answers = {"sid": ("ReplicationAccess",), "account": (source,)}
    return new_policy(make_statement(policy_type_named("replication"), answers, target), name)


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
