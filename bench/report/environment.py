# SPDX-License-Identifier: Apache-2.0
"""What the sidecars say: the environment of each run, and the fabrics that were priced."""
import json
import os

from report.failure import Failure

OWN = ("run_id", "started_utc", "argv", "topologies", "left_out")  # of one run, or shown elsewhere


def sidecar_of(path: str) -> str:
    """NAME.meta.json beside NAME.csv."""
    return os.path.splitext(path)[0] + ".meta.json"


def runs_of(path: str) -> list:
    """The runs in the sidecar of a file of rows; none where it has no sidecar."""
    sidecar = sidecar_of(path)
    if not os.path.exists(sidecar):
        return []
    try:
        with open(sidecar, encoding="utf-8", errors="replace") as file:
            runs = json.load(file)["runs"]
            return [dict(run) for run in runs]
    except (OSError, ValueError, TypeError, KeyError):
        raise Failure(f"{sidecar}: expected a sidecar of schema 1 with a list of runs, found something else") from None


def flat(value, name: str = "") -> dict:
    """Fields within fields, joined by points; lists as text."""
    if isinstance(value, dict):
        fields = {}
        for key, inner in value.items():
            fields.update(flat(inner, f"{name}.{key}" if name else key))
        return fields
    if isinstance(value, list):
        return {name: ", ".join(each if isinstance(each, str) else json.dumps(each) for each in value)}
    return {name: value if isinstance(value, str) else json.dumps(value)}


def alike(label: str, runs: list) -> list:
    """The runs of a file, those in one environment together."""
    groups = {}
    for run in runs:
        fields = flat({key: value for key, value in run.items() if key not in OWN})
        group = groups.setdefault(json.dumps(fields, sort_keys=True), {"file": label, "fields": fields,
                                                                       "commands": [], "started": []})
        group["commands"].append(run.get("argv") or [])
        group["started"].append(str(run.get("started_utc", "")))
    return list(groups.values())


def read(paths: list, labels: dict) -> dict:
    """Environments, fabrics by id, and the files that have no sidecar."""
    found = {"runs": [], "fabrics": {}, "unknown": []}
    for path in paths:
        runs = runs_of(path)
        if not runs:
            found["unknown"].append(labels[path])
        found["runs"] += alike(labels[path], runs)
        for fabric in (each for run in runs for each in run.get("topologies", []) if isinstance(each, dict)):
            found["fabrics"].setdefault(str(fabric.get("id", "")), fabric)
    return found
