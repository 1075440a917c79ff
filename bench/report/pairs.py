# SPDX-License-Identifier: Apache-2.0
"""Tables of pairs of ranks: NAME.pairs.csv."""
import os

import numpy
import pandas

from report.failure import Failure
from report.rows import header_of, labels_of, numbers_of

NEEDED = ("src_rank", "src_host", "src_device", "dst_rank", "dst_host", "dst_device", "bytes", "time_us_p50")
WHOLE = ("src_rank", "dst_rank", "bytes")
FIGURES = ("time_us_p50", "GBps")


def split(files: list) -> tuple:
    """The tables of pairs and the files of rows among `files`; a table beside a file of rows is taken with it."""
    tables = [path for path in files if path.endswith(".pairs.csv") or "src_rank" in header_of(path)]
    rows = [path for path in files if path not in tables]
    beside = [os.path.splitext(path)[0] + ".pairs.csv" for path in rows]
    tables += [path for path in beside if path not in tables and os.path.exists(path)]
    return tables, rows


def read_one(path: str) -> pandas.DataFrame:
    """The pairs of a file."""
    missing = [name for name in NEEDED if name not in header_of(path)]
    if missing:
        raise Failure(f"{path}: line 1: expected the header of a table of pairs, found no {missing[0]}: --pairs writes "
                      "such")
    try:
        table = pandas.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (pandas.errors.ParserError, ValueError) as why:
        raise Failure(f"{path}: {' '.join(str(why).split())}") from None
    table = table[table[table.columns[-1]].notna()]  # a last line that a kill cut off
    for name in (*WHOLE, *FIGURES):
        table[name] = numbers_of(table[name], path) if name in table else numpy.nan
    if "status" not in table:
        table["status"] = "ok"
    return table.dropna(subset=list(WHOLE))


def ranks_of(table: pandas.DataFrame) -> list:
    """[rank, host, device] of every rank that the table names, in order."""
    ends = [table[[f"{end}_rank", f"{end}_host", f"{end}_device"]].set_axis(["rank", "host", "device"], axis=1)
            for end in ("src", "dst")]
    both = pandas.concat(ends).drop_duplicates("rank").sort_values("rank")
    return [[int(rank), host, device] for rank, host, device in both.itertuples(index=False)]


def figures(column: pandas.Series) -> list:
    """To six digits; None where there is none."""
    return [None if numpy.isnan(value) else float(f"{value:.6g}") for value in column]


def of_one_size(label: str, size: float, table: pandas.DataFrame) -> dict:
    """What the page needs of the pairs of one size."""
    # The middle of what was measured several times, so that a pair is one cell.
    pairs = table.groupby(["src_rank", "dst_rank"], sort=False).agg(
        time_us_p50=("time_us_p50", "median"), GBps=("GBps", "median"), status=("status", "first")).reset_index()
    return {"file": label, "bytes": int(size), "ranks": ranks_of(table),
            "src": [int(r) for r in pairs["src_rank"]], "dst": [int(r) for r in pairs["dst_rank"]],
            "time_us": figures(pairs["time_us_p50"]), "GBps": figures(pairs["GBps"]), "status": list(pairs["status"])}


def by_places(label: str, table: pandas.DataFrame) -> list:
    """[label, pairs] of the runs whose ranks are in the same places: another run may have them elsewhere."""
    if "run_id" not in table:
        return [[label, table]]
    runs = {}
    for name, of_run in table.groupby("run_id", sort=False):
        runs.setdefault(str(ranks_of(of_run)), []).append([name, of_run])
    if len(runs) < 2:
        return [[label, table]]
    return [[f"{label}, run {of[0][0]}", pandas.concat([run for _, run in of])] for of in runs.values()]


def read(paths: list) -> list:
    """One matrix for each file, size and placement of the ranks."""
    labels = labels_of(paths)
    return [of_one_size(label, size, of_size) for path in paths
            for label, alike in by_places(labels[path], read_one(path))
            for size, of_size in alike.groupby("bytes", sort=True)]
