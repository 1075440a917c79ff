# SPDX-License-Identifier: Apache-2.0
"""What the tests of the report share: files to read, and the report run as a user runs it."""
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
REPORT = os.path.join(ROOT, "bench", "report.py")
SCHEMA = os.path.join(ROOT, "bench", "include", "colossus", "bench", "row.hpp")


def schema() -> list:
    """(name, is part of the key) of each column, from the header that defines them."""
    with open(SCHEMA, encoding="utf-8") as file:
        found = re.findall(r'column\{"(\w+)", (true|false),', file.read())
    return [(name, key == "true") for name, key in found]


COLUMNS = [name for name, _ in schema()]


def row(**values) -> dict:
    """A measured row: what is not said is empty."""
    of = dict.fromkeys(COLUMNS, "")
    of.update(schema=1, run_id="r", source="measured", backend="threads", library="colossus-0.1.0", dtype="float",
              collective="all_reduce", algorithm="ring", redop="sum", in_place=0, bytes=1024, ranks=8, nodes=1, launch=0,
              timing="isolated", time_us=10.0, time_stat="p50", status="ok")
    of.update(values)
    if of["time_us"] and not of["busbw_GBps"]:
        of["busbw_GBps"] = of["bytes"] / of["time_us"] / 1e3
    return of


def priced(**values) -> dict:
    """A simulated row."""
    of = dict(source="simulated", backend="model", in_place="", launch="", timing="", topology="made-up", topology_id="f00d",
              routing="adaptive", placement="packed", scenario="healthy", cost_model="max_min", price_kind="exact",
              profile="none", time_stat="model", sol_us=1.0, limit="latency")
    of.update(values)
    return row(**of)


def sweep(algorithms: int, sizes, ranks, **values) -> list:
    """Priced rows of several algorithms that cross over, in both routings."""
    rows = []
    for a in range(algorithms):
        for n in ranks:
            for size in sizes:
                time = (a + 1) * 3.0 + size * (algorithms - a) / (1e3 * n ** 0.1)
                rows.append(priced(algorithm=f"algorithm_{a}", bytes=size, ranks=n, time_us=time, **values))
                drawn = dict(values, routing="ecmp", queue_pairs=1, seed=1)
                rows.append(priced(algorithm=f"algorithm_{a}", bytes=size, ranks=n, time_us=1.3 * time,
                                   time_us_min=1.2 * time, time_us_max=1.5 * time, **drawn))
    return rows


def write_rows(path: str, rows: list) -> str:
    """A file of rows."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        to = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        to.writeheader()
        to.writerows(rows)
    return path


PAIRS = "run_id,round,src_rank,src_host,src_device,dst_rank,dst_host,dst_device,bytes,time_us_p50,GBps,status"


def write_pairs(path: str, ranks: int, slow: int) -> str:
    """All pairs of `ranks`, four to a host; those of rank `slow` take twice as long; one failed."""
    lines = [PAIRS]
    for a in range(ranks):
        for b in range(a + 1, ranks):
            inside = a // 4 == b // 4
            time = (10.0 if inside else 100.0) * (1 + (slow in (a, b)))
            end = f"{8e3 / time:.3f},ok" if (a, b) != (0, 1) else ",timeout"
            lines.append(f"r,{a ^ b},{a},h{a // 4},{a % 4},{b},h{b // 4},{b % 4},8000000,{time if (a, b) != (0, 1) else ''},{end}")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    return path


def verdicts() -> dict:
    """What colossus-compare --format json writes."""
    of = [("slower", 1.08), ("faster", 0.9), ("same", 1.001), ("unclear", 1.03)]
    findings = [{"new": "new.csv", "key": {"collective": "all_reduce", "algorithm": name, "bytes": 8 << i}, "verdict": said,
                 "status": "ok", "ratio": ratio, "ratio_low": ratio - 0.01, "ratio_high": ratio + 0.01, "p_holm": 0.01,
                 "base_time_us": 10.0, "new_time_us": 10 * ratio, "base_launches": 10, "new_launches": 10}
                for name in ("ring", "tree") for i, (said, ratio) in enumerate(of)]
    findings.append({"new": "new.csv", "key": {"collective": "all_reduce", "bytes": 8}, "verdict": "not_ok", "status": "wrong_data"})
    return {"schema": 1, "threshold": 0.02, "sides": ["base.csv", "new.csv"], "tests": 8, "unmatched": [],
            "environment": [{"field": "driver", "file": "new.csv", "base": "1", "new": "2"}], "environment_unknown": [],
            "matches_any": [], "findings": findings}


def sidecar(path: str, **more) -> None:
    """The environment beside a file of rows."""
    run = {"run_id": "r", "started_utc": "2026-01-01T00:00:00Z", "argv": ["colossus-threads", "a b"], "hosts": ["h0"],
           "env": {"NCCL_ALGO": "Ring"}, **more}
    with open(os.path.splitext(path)[0] + ".meta.json", "w", encoding="utf-8") as file:
        json.dump({"schema": 1, "runs": [run]}, file)


def report(*arguments, **variables):
    """Runs bench/report.py."""
    return subprocess.run([sys.executable, REPORT, *arguments], capture_output=True, text=True, check=False,
                          env={**os.environ, **variables})


def data_of(path: str) -> dict:
    """What the script of a page gets."""
    with open(path, encoding="utf-8") as file:
        found = re.search(r'<script type="application/json" id="data">(.*?)</script>', file.read(), re.S)
    return json.loads(found[1])


def skip(why: str) -> None:
    """Ends the test as ctest knows one that was skipped."""
    print("skipped: " + why)
    sys.exit(0)


class InAFolder(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="colossus-test-")
        self.addCleanup(holder.cleanup)
        self.folder = holder.name

    def at(self, name: str) -> str:
        """The path of a file in it."""
        return os.path.join(self.folder, name)

    def made(self, *arguments, **variables) -> str:
        """The page of a report that is expected to be written."""
        done = report(*arguments, "-o", self.at("report.html"), **variables)
        self.assertEqual(done.returncode, 0, done.stderr)
        return self.at("report.html")


def main() -> None:
    """Runs the tests, where the report can be written here."""
    if report("--help").returncode == 5:
        skip("without pandas and plotly for Python")
    unittest.main(verbosity=2)
