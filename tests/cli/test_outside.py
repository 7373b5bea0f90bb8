"""What `planner.toml` names stays in its repository, and what it leads to is not told."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.cli import Cli
from tests.support.policies import document, statement
from tests.support.project import POLICY

SECRET = "aws_secret_access_key=wJalrXUtnFEMI"
READING = [
    ("plan", "--live", "/dev/null"),
    ("apply", "--auto-approve"),
    ("validate",),
    ("access",),
    ("can", "111122223333", "ecr:PutImage", "a"),
    ("fmt",),
    ("generate", "pull", "--sid", "S", "--account", "111122223333"),
]


@pytest.fixture
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder outside of the project, with a secret and with a policy."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "secret").write_text(SECRET)
    (folder / "policy.json").write_text(POLICY)
    return folder


def by_absolute_path(folder: Path, target: Path) -> str:
    return str(target)


def by_dots(folder: Path, target: Path) -> str:
    return os.path.relpath(target, folder)


def by_a_link(folder: Path, target: Path) -> str:
    (folder / "link.json").symlink_to(target)
    return "link.json"


def by_a_linked_folder(folder: Path, target: Path) -> str:
    (folder / "linked").symlink_to(target.parent)
    return f"linked/{target.name}"


def by_a_link_to_a_link(folder: Path, target: Path) -> str:
    (folder / "first").symlink_to(target)
    (folder / "second").symlink_to("first")
    return "second"


WAYS = [by_absolute_path, by_dots, by_a_link, by_a_linked_folder, by_a_link_to_a_link]


@pytest.mark.parametrize("way", WAYS)
def test_a_policy_outside_is_refused_and_not_shown(
    offline: Cli, elsewhere: Path, way: Callable[[Path, Path], str]
) -> None:
    named = way(offline.folder, elsewhere / "secret")
    offline.write("planner.toml", f'policy = "{named}"\n')
    for words in READING[:1] if way is not by_dots else READING:
        message = offline.fails(1, *words)
        assert "lies outside of its folder" in message
        assert SECRET[:8] not in message
    allowed = offline.fails(1, *READING[0], "--allow-outside-policy")
    assert "is no policy" in allowed
    assert SECRET[:8] not in allowed


def test_a_policy_outside_that_is_meant(offline: Cli, elsewhere: Path) -> None:
    offline.write("planner.toml", f'policy = "{elsewhere}/policy.json"\n')
    assert "lies outside" in offline.fails(1, *READING[0])
    assert "Plan: 2 to add" in offline.ok(*READING[0], "--allow-outside-policy")
    assert "Plan: 2 to add" in offline.ok(
        *READING[0][:1], f"{elsewhere}/policy.json", *READING[0][1:]
    )


def test_the_default_names_are_nobodys_word_either(offline: Cli, elsewhere: Path) -> None:
    (offline.folder / "registry_policy.json").symlink_to(elsewhere / "secret")
    assert "lies outside" in offline.fails(1, *READING[0])
    (offline.folder / "planner.toml").symlink_to(elsewhere / "secret")
    message = offline.fails(1, *READING[0])
    assert "The settings file planner.toml lies outside" in message
    assert SECRET[:8] not in message


def test_a_policy_elsewhere_in_the_repository(offline: Cli) -> None:
    (offline.folder / ".git").mkdir()
    (offline.folder / ".git" / "config").write_text(SECRET)
    (offline.folder / "team").mkdir()
    offline.write("shared.json", POLICY)
    (offline.folder / "link.json").symlink_to("shared.json")
    words = (*READING[0], "--config", "team/planner.toml")
    for named, words_of_it in (("shared.json", "Plan: 2 to add"), ("link.json", "Plan: 2 to add")):
        (offline.folder / "team" / "planner.toml").write_text(f'policy = "../{named}"\n')
        assert words_of_it in offline.ok(*words)
    (offline.folder / "team" / "planner.toml").write_text('policy = "../.git/config"\n')
    message = offline.fails(1, *words)
    assert "lies outside of its repository" in message
    assert SECRET[:8] not in message


@pytest.mark.parametrize("kind", ["pipe", "device", "input"])
def test_what_is_no_regular_file_is_refused_and_not_waited_for(offline: Cli, kind: str) -> None:
    if kind == "pipe":
        os.mkfifo(offline.folder / "registry_policy.json")
    elif kind == "device":
        offline.write("planner.toml", 'policy = "/dev/null"\n')
    else:
        offline.write("planner.toml", 'policy = "-"\n')
    message = offline.fails(1, *READING[0], "--allow-outside-policy")
    assert "no regular file" in message or "no policy file at -" in message


def test_pipes_and_devices_on_the_command_line_are_welcome(offline: Cli) -> None:
    offline.write("live.json", document(statement("A")))
    offline.write("p.json", POLICY)
    script = (
        "planner plan <(cat p.json) --live <(cat live.json) --config <(echo 'scope = \"V2\"')"
        " && planner plan p.json --live - <live.json && planner plan p.json --live /dev/null"
    )
    path = f"{Path(offline.program[0]).parent}:{os.environ['PATH']}"
    result = offline.run(["bash", "-c", script], PATH=path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("Plan: ") >= 3


def test_init_neither_reads_nor_makes_a_policy_elsewhere(offline: Cli, elsewhere: Path) -> None:
    offline.write("planner.toml", f'policy = "{elsewhere}/new.json"\n')
    assert "lies outside" in offline.fails(1, "init", "--offline", "--keep")
    assert not (elsewhere / "new.json").exists()


def test_a_link_that_the_user_names_shows_nothing_of_what_is_no_policy(
    offline: Cli, elsewhere: Path
) -> None:
    offline.write("registry_policy.json", POLICY)
    (offline.folder / "link.json").symlink_to(elsewhere / "secret")
    for words in (
        ("plan", "link.json", "--live", "/dev/null"),
        ("plan", "--live", "link.json"),
        ("validate", "registry_policy.json", str(offline.folder / "link.json")),
        ("access", "link.json"),
        ("compare", "registry_policy.json", "link.json"),
        ("digest", "link.json"),
        ("fmt", "--check", "link.json"),
    ):
        message = offline.fails(1, *words)
        assert "link.json is no policy" in message
        assert SECRET[:8] not in message
    (offline.folder / "good.json").symlink_to(elsewhere / "policy.json")
    assert "Plan: 2 to add" in offline.ok("plan", "good.json", "--live", "/dev/null")
    wrong = offline.fails(6, "plan", str(elsewhere / "secret"), "--live", "/dev/null")
    assert SECRET[:8] in wrong  # it was named itself


def test_a_state_that_is_no_folder(offline: Cli) -> None:
    os.mkfifo(offline.folder / "pipe")
    for place in ("pipe", "/dev/null"):
        offline.write("planner.toml", f'state = "{place}"\n')
        for words in (("state", "list"), ("locks",)):
            assert "cannot be read" in offline.fails(1, *words)
