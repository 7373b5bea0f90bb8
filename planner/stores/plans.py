"""Plan files on disk."""

from __future__ import annotations

from pathlib import Path

from planner.errors import PlannerError
from planner.plans.file import MAX_PLAN_BYTES, is_plan, load_plan
from planner.plans.plan import Plan
from planner.plans.view import plan_text
from planner.stores.files import read_bounded, read_in, write_atomically
from planner.stores.folders import opened


def read_plan(path: Path) -> Plan:
    """The plan in a file. Raises PlannerError where there is none."""
    return load_plan(read_bounded(path, "saved plan", MAX_PLAN_BYTES), str(path))


def check_target(path: Path) -> None:
    """Raises PlannerError where saving a plan would overwrite something that is none."""
    try:
        with opened(path.parent) as folder:
            data = read_in(folder, path.name or ".", path, MAX_PLAN_BYTES)
    except FileNotFoundError:
        return
    except OSError as error:
        raise PlannerError(f"--out {path} is no name for a file.", f"{error.strerror}.") from None
    if data and not is_plan(data):
        raise PlannerError(
            f"--out {path} would overwrite a file that is not a plan.",
            "",
            "Name another file, or remove that one first.",
        )


def save_plan(plan: Plan, path: Path) -> None:
    """Writes a plan file whole, or not at all."""
    write_atomically(path, plan_text(plan).encode(), "plan")
