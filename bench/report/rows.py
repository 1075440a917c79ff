# SPDX-License-Identifier: Apache-2.0
"""Files of rows as one table: a line for each configuration, launches taken together."""
import csv
import os

import numpy
import pandas

from report.failure import USAGE, Failure

# The key columns of the schema: bench/include/colossus/bench/row.hpp defines them, and a test holds this list to it.
KEYS = ("source", "backend", "library", "system", "collective", "algorithm", "protocol", "lanes", "chunk_bytes",
        "dtype", "redop", "root", "in_place", "bytes", "count", "ranks", "nodes", "ranks_per_node", "placement",
        "topology", "topology_id", "routing", "queue_pairs", "registration", "cost_model", "price_kind", "profile",
        "seed", "scenario", "timing")
NUMBERS = ("time_us", "time_us_min", "time_us_max", "time_us_low", "time_us_high", "busbw_GBps", "sol_us")
TEXTS = ("schema", "status", "limit")
GOOD = ("ok", "approximate", "extrapolated")
# What a program works out from the rest: it tells rows apart only where nothing else does.
WORKED_OUT = ("count", "price_kind", "chunk_bytes", "lanes", "topology_id", "seed", "ranks_per_node", "nodes", "file")


def header_of(path: str) -> list:
    """The names of the columns of a CSV."""
    try:
        with open(path, newline="", encoding="utf-8-sig", errors="replace") as file:
            return next(csv.reader(file), [])
    except OSError as why:
        raise Failure(f"{path}: cannot be read: {why.strerror}") from None


def expect_rows(path: str) -> None:
    """Refuses what is no file of rows."""
    header = header_of(path)
    missing = [name for name in ("schema", *KEYS, "time_us", "status") if name not in header]
    if missing:
        found = ",".join(header)[:60]
        raise Failure(f"{path}: line 1: expected the columns of a file of rows, found no {missing[0]} in '{found}': "
                      "colossus-import makes rows of other formats")


def numbers_of(text: pandas.Series, path: str) -> numpy.ndarray:
    """A column of numbers; empty is not a number."""
    numbers = pandas.to_numeric(text, errors="coerce")
    wrong = numbers.isna() & (text.fillna("") != "")
    if wrong.any():
        first = wrong.idxmax()
        raise Failure(f"{path}: line {first + 2}: expected a number in {text.name}, found '{text[first]}'")
    return numbers.to_numpy(dtype=float)


def read_one(path: str, label: str) -> pandas.DataFrame:
    """The rows of a file, as text but for the figures. A last line that a kill cut off is left out."""
    expect_rows(path)
    wanted = {*KEYS, *NUMBERS, *TEXTS}
    try:
        table = pandas.read_csv(path, dtype=str, keep_default_na=False, usecols=lambda name: name in wanted,
                                encoding="utf-8-sig", encoding_errors="replace")
    except (pandas.errors.ParserError, ValueError) as why:
        raise Failure(f"{path}: {' '.join(str(why).split())}") from None
    table = table[table["status"].notna() & (table["status"] != "")]
    if not table["schema"].eq("1").all():
        raise Failure(f"{path}: expected rows of schema 1, found {sorted(set(table['schema']) - {'1'})[0]}")
    for name in NUMBERS:
        table[name] = numbers_of(table[name], path) if name in table else numpy.nan
    if "limit" not in table:
        table["limit"] = ""
    return table.assign(file=label)


def labels_of(paths: list) -> dict:
    """What files are called on the page: name and folder, and more folders where two would be called alike."""
    parts = {path: os.path.normpath(path).split(os.sep) for path in paths}
    for depth in range(2, 1 + max([2, *map(len, parts.values())])):
        labels = {path: os.sep.join(names[-depth:]) for path, names in parts.items()}
        if len(set(labels.values())) == len(labels):
            return labels
    return {path: path for path in paths}


def expect_each_once(paths: list) -> None:
    """Refuses a file that is given twice: its rows would count as launches."""
    seen = set()
    for path in map(os.path.realpath, paths):
        if path in seen:
            raise Failure(f"{path}: expected each file once, found it twice", USAGE)
        seen.add(path)


def identity(table: pandas.DataFrame, columns) -> numpy.ndarray:
    """A number for each row: rows that agree in `columns` have the same."""
    ids = numpy.zeros(len(table), dtype=numpy.int64)
    for name in columns:
        codes, values = pandas.factorize(table[name])
        ids = pandas.factorize(ids * (len(values) + 1) + codes)[0]
    return ids


def telling_columns(table: pandas.DataFrame) -> list:
    """The columns that tell configurations apart: what is worked out only where it must."""
    columns = [*KEYS, "file"]
    all_of_them = identity(table, columns).max(initial=-1)
    for name in WORKED_OUT:
        fewer = [c for c in columns if c != name]
        if identity(table, fewer).max(initial=-1) == all_of_them:
            columns = fewer
    return columns


def merged(table: pandas.DataFrame) -> pandas.DataFrame:
    """One line for each configuration of a file: the median over launches and their range."""
    groups = table.groupby(identity(table, [*KEYS, "file"]), sort=False)
    figures = groups[["time_us", "busbw_GBps", "sol_us"]].median()
    launches, times = groups.size(), groups["time_us"]
    spread = groups[["time_us_min", "time_us_max", "time_us_low", "time_us_high"]].first()
    one, model = launches == 1, groups["source"].first() == "simulated"
    figures["low"] = times.min().where(~one, spread["time_us_min"].where(model).fillna(spread["time_us_low"]))
    figures["high"] = times.max().where(~one, spread["time_us_max"].where(model).fillna(spread["time_us_high"]))
    return figures.assign(launches=launches).join(groups[[*KEYS, "file", "limit"]].first())


class Rows:
    """All rows of all files: configurations, and what is to be said of the files."""

    def __init__(self, files: list):
        expect_each_once(files)
        self.paths, self.labels = list(files), labels_of(files)
        tables = [read_one(path, self.labels[path]) for path in files]
        names = [name for name in (*KEYS, *NUMBERS, *TEXTS, "file")]
        whole = pandas.concat(tables, ignore_index=True) if tables else pandas.DataFrame(columns=names)
        good = whole["status"].isin(GOOD) & (whole["time_us"] > 0)
        self.bad = whole[~good]
        self.counts = whole.groupby(["file", "source"], sort=False).size()
        self.total = len(whole)
        self.table = merged(whole[good]) if good.any() else whole[good].assign(low=0.0, high=0.0, launches=0)
        self.telling = telling_columns(self.table)

    def has(self, source: str, path: str) -> bool:
        """Whether the file has rows of this source."""
        return (self.labels[path], source) in self.counts.index

    def are_alike(self, path: str, other: str) -> bool:
        """Whether two files have rows of one question: the same collective on as many ranks at one size."""
        asked = ["source", "collective", "ranks", "bytes"]
        of = [self.table.loc[self.table["file"] == self.labels[each], asked].drop_duplicates() for each in (path, other)]
        return len(of[0].merge(of[1])) > 0


def read(files: list) -> Rows:
    """Reads all files; throws Failure at the first that cannot be."""
    return Rows(files)
