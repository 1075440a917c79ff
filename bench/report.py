#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns files of rows into one HTML page that needs nothing else: docs/report.md says what is on it.

    python3 bench/report.py simulated.csv measured.csv -o report.html
"""
import importlib.util
import os
import sys

NEEDED = ("pandas", "plotly")
DEBIANS_OWN = "/usr/bin/python3"  # what apt-get installs is there; another python3 may come first in PATH


def interpreter_with_libraries() -> None:
    """Returns where pandas and plotly are here; goes on in Debian's own Python where they are there; else ends (5)."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if not missing:
        return
    if sys.executable != DEBIANS_OWN and os.access(DEBIANS_OWN, os.X_OK):
        os.execv(DEBIANS_OWN, [DEBIANS_OWN, *sys.argv])
    packages = " ".join(f"python3-{name}" for name in missing)
    print(f"report.py: {' and '.join(missing)} not found by {sys.executable}: "
          f"sudo apt-get install -y {packages}, or: pip install {' '.join(missing)}", file=sys.stderr)
    sys.exit(5)


if __name__ == "__main__":
    interpreter_with_libraries()
    from report.command import main

    sys.exit(main(sys.argv[1:]))
