"""How much is tried of what is tried at random: a little in `make test`, more in `make fuzz`."""

from __future__ import annotations

import os

IS_FUZZING = "FUZZING" in os.environ


def tries(count: int) -> int:
    """So many seeds, examples or rounds in `make test`; ten times as many in `make fuzz`."""
    return count * (10 if IS_FUZZING else 1)
