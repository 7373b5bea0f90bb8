"""`planner` as it starts where some of its three streams are closed.

    python closed.py NUMBERS WORDS...    NUMBERS as in 0 or 12

Python finds closed descriptors when it starts, and has None in the place of each stream.
"""

from __future__ import annotations

import os
import sys

from planner.cli.main import main

if __name__ == "__main__":
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if str(number) in sys.argv[1]:
            os.close(number)
            setattr(sys, name, None)
    del sys.argv[1]
    main()
