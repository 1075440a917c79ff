# SPDX-License-Identifier: Apache-2.0
"""The command line of the report."""
import argparse
import os
import sys

from report import environment, page, pairs, rows, verdicts
from report.failure import BROKE, USAGE, Failure


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message):
        raise Failure(f"{message}: --help lists what there is", USAGE)


def parser() -> argparse.ArgumentParser:
    """What may stand on the command line."""
    p = Parser(prog="report.py", description="Files of rows as one HTML page that needs no network.")
    p.add_argument("files", nargs="+", metavar="FILE.csv",
                   help="rows of any of our programs, or a table of pairs; NAME.pairs.csv beside NAME.csv is found")
    p.add_argument("-o", "--output", default="report.html", metavar="FILE.html", help="default: report.html")
    p.add_argument("--title", default="", help="of the page (default: what the rows are of)")
    p.add_argument("--base", metavar="FILE.csv",
                   help="hold each other file of measured rows against this one by colossus-compare "
                        "(default: the first of them, where there are two or more)")
    p.add_argument("--verdicts", action="append", default=[], metavar="FILE.json",
                   help="what colossus-compare --format json wrote; may be given again")
    return p


def expect_page(path: str) -> None:
    """Refuses a name that may be somebody's file of rows: an older page is written anew."""
    if not path.endswith((".html", ".htm")):
        raise Failure(f"-o {path}: expected a name that ends in .html", USAGE)


def write(path: str, text: str) -> None:
    """Writes the page, whole or not at all."""
    part = path + ".part"
    try:
        with open(part, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(part, path)
    except OSError as why:
        raise Failure(f"{path}: cannot be written: {why.strerror}", BROKE) from None


def gather(asked) -> dict:
    """Everything that the page shows."""
    of_pairs, of_rows = pairs.split(asked.files)
    table = rows.read(of_rows)
    return {
        "rows": table,
        "pairs": pairs.read(of_pairs),
        "verdicts": verdicts.gather(table, asked.base, asked.verdicts),
        "environment": environment.read(of_rows, table.labels),
        "title": asked.title,
    }


def main(arguments: list) -> int:
    """Writes the page; the exit status."""
    try:
        asked = parser().parse_args(arguments)
        expect_page(asked.output)
        found = gather(asked)
        write(asked.output, page.text(found))
    except Failure as refused:
        print(f"report.py: {refused}", file=sys.stderr)
        return refused.status
    size = os.path.getsize(asked.output) / 1e6
    print(f"{asked.output}: {page.summary(found)}, {size:.1f} MB")
    return 0
