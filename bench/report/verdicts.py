# SPDX-License-Identifier: Apache-2.0
"""What colossus-compare says of the files: asked now, or read from what it wrote."""
import glob
import json
import os
import shutil
import subprocess

from report.failure import INPUT, NOT_HERE, USAGE, Failure

PROGRAM = "colossus-compare"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def program() -> str:
    """Where colossus-compare is: what COLOSSUS_COMPARE names, on the PATH, or the newest of the builds here; or ''."""
    named = os.environ.get("COLOSSUS_COMPARE")
    built = sorted(glob.glob(os.path.join(ROOT, "build", "*", "bin", PROGRAM)), key=os.path.getmtime)
    return named or shutil.which(PROGRAM) or (built[-1] if built else "")


def parsed(text: str, where: str) -> dict:
    """The comparison in `text`."""
    try:
        found = json.loads(text)
    except ValueError as why:
        raise Failure(f"{where}: expected JSON of {PROGRAM} --format json: {why}", INPUT) from None
    if not isinstance(found, dict) or not isinstance(found.get("findings"), list):
        raise Failure(f"{where}: expected JSON of {PROGRAM} --format json, with a list of findings, found none", INPUT)
    return found


def from_file(path: str) -> dict:
    """A comparison that was written to a file."""
    try:
        with open(path, encoding="utf-8") as file:
            return parsed(file.read(), path)
    except OSError as why:
        raise Failure(f"{path}: cannot be read: {why.strerror}", INPUT) from None


def compare(base: str, other: str) -> dict:
    """The comparison of a file of rows with `base`, made now."""
    done = subprocess.run([program(), base, other, "--format", "json"], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise Failure(f"{PROGRAM} ended with status {done.returncode}: {said}", done.returncode)
    return parsed(done.stdout, PROGRAM)


def asked_for(measured: list, base: str) -> list:
    """The comparison that was asked for by --base."""
    if os.path.realpath(base) not in map(os.path.realpath, measured):
        raise Failure(f"--base {base}: expected one of the files of measured or imported rows of this report", USAGE)
    if not program():
        raise Failure(f"--base {base}: {PROGRAM} is not on the PATH and not built here: build it, or name it in "
                      "COLOSSUS_COMPARE", NOT_HERE)
    others = [path for path in measured if os.path.realpath(path) != os.path.realpath(base)]
    if not others:
        raise Failure(f"--base {base}: expected another file of measured rows to hold against it, found none", USAGE)
    return [compare(base, other) for other in others]


def by_itself(measured: list, rows) -> list:
    """The comparison that nobody asked for: of all that is measured with the first, where that says anything."""
    if len(measured) < 2:
        return []
    if not program():
        names = ", ".join(rows.labels[path] for path in measured)
        return [{"left_out": f"{PROGRAM} was not found: {names} are not held against each other"}]
    made = [tried(measured[0], other, rows.labels) for other in measured[1:] if rows.are_alike(measured[0], other)]
    return [one for one in made if isinstance(one.get("left_out"), str) or one["findings"]]


def tried(base: str, other: str, labels: dict) -> dict:
    """A comparison, or why there is none."""
    try:
        return compare(base, other)
    except Failure as why:
        return {"left_out": f"{labels[other]} is not held against {labels[base]}: {why}"}


def gather(rows, base: str, files: list) -> list:
    """All comparisons of the page."""
    measured = [path for path in rows.paths if rows.has("measured", path) or rows.has("imported", path)]
    made = asked_for(measured, base) if base else [] if files else by_itself(measured, rows)
    return made + [from_file(path) for path in files]
