"""Lower layers never import higher ones, pure ones do no I/O, and modules stay small."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.paths import PACKAGE
from tests.support.source import imports_of

LAYERS = (
    "text errors registry times automata policy diff access lint guard ownership plans records "
    "generate config ports scaffold render aws stores sandbox workflow cli"
).split()
"""From the lowest to the highest: a module imports its own layer and lower ones."""
PURE = LAYERS[: LAYERS.index("aws")]
IMPURE = {"os", "socket", "subprocess", "time", "tempfile", "shutil", "random", "sys"}


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
        allowed -= {"aws", "render"}
        assert not {"boto3", "botocore"} & {name.split(".")[0] for name in imports_of(path)}
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
