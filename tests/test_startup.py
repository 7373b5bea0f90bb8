"""Nobody waits for an import: what each command loads, and the layers that keep it so."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Account, Cli
from policies import document, statement

PACKAGE = Path(__file__).parents[1] / "planner"
HEAVY = ("boto3", "botocore", "moto", "rich", "werkzeug", "pydantic")

LAYERS = (
    "text errors registry times automata policy diff access lint guard plans records generate "
    "config ports scaffold render aws stores sandbox workflow cli"
).split()
"""From the lowest to the highest: a module imports its own layer and lower ones."""
PURE = LAYERS[: LAYERS.index("aws")]
IMPURE = {"os", "socket", "subprocess", "time", "tempfile", "shutil", "random", "sys"}


def loaded(cli: Cli, *words: str, **environment: str) -> str:
    """The modules that a command imports, as `-X importtime` lists them."""
    command = [sys.executable, "-X", "importtime", "-m", "planner", *words]
    env = {"PATH": "", "HOME": str(cli.folder), "PYTHONPATH": str(PACKAGE.parent), **environment}
    result = subprocess.run(
        command, cwd=cli.folder, env=env, capture_output=True, text=True, check=True
    )
    return result.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("--help",),
        ("plan", "--help"),
        ("--version",),
        ("digest", "registry_policy.json"),
        ("access", "registry_policy.json"),
        ("can", "111122223333", "ecr:ReplicateImage", "a"),
        ("compare", "registry_policy.json", "live.json"),
        ("plan", "--live", "live.json", "--out", "plan.json"),
        ("show", "made.json"),
        ("init", "new", "--offline", "--github"),
        ("generate", "pull", "--sid", "S", "--account", "111122223333", "--into", "new.json"),
    ],
)
def test_light_commands_load_nothing_heavy(offline: Cli, words: tuple[str, ...]) -> None:
    offline.write("registry_policy.json", document(statement("A")))
    offline.write("live.json", document(statement("B", "222233334444")))
    offline.ok("plan", "--live", "live.json", "--out", "made.json")
    report = loaded(offline, *words)
    names = {
        line.rsplit("|", 1)[1].strip().split(".")[0] for line in report.splitlines() if "|" in line
    }
    assert "planner" in names
    assert not names & set(HEAVY)


def test_a_plan_against_ecr_loads_boto3(offline: Cli, account: Account) -> None:
    offline.write("registry_policy.json", document(statement("A")))
    assert "boto3" in loaded(offline, "plan", **account.environment)


def imports_of(path: Path) -> set[str]:
    """The modules that a file imports, at any depth of its code."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names.add(node.module or "")
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def layer_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


MODULES = [
    path for path in sorted(PACKAGE.rglob("*.py")) if layer_of(path) not in ("__init__", "__main__")
]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_lower_layers_never_import_higher_ones(path: Path) -> None:
    layer = layer_of(path)
    allowed = set(LAYERS[: LAYERS.index(layer) + 1])
    if layer == "workflow":
        allowed -= {"aws", "state"}
    for name in imports_of(path):
        parts = name.split(".")
        if parts[0] == "planner" and len(parts) > 1 and (PACKAGE / parts[1]).suffix == "":
            known = {each.removesuffix(".py") for each in map(str, PACKAGE.iterdir())}
            if str(PACKAGE / parts[1]) in known:
                assert parts[1] in allowed, f"{layer} imports {name}"
        if layer in PURE:
            assert parts[0] not in IMPURE, f"{layer} is pure and imports {name}"
    assert layer not in PURE or ".now(" not in path.read_text("utf-8")


def test_modules_stay_small() -> None:
    for path in MODULES:
        assert len(path.read_text("utf-8").splitlines()) <= 400, path
