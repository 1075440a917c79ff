# SPDX-License-Identifier: Apache-2.0
"""The page: what does not move as HTML, what does as data and a script, all in one file."""
import datetime
import os
import string

from plotly.offline import get_plotlyjs

from report import payload, plain

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPTS = ("format", "rows", "style", "plot", "details", "legend", "filters", "curves", "crossover", "light", "ecmp",
           "pairs", "verdicts", "start")


def part(name: str) -> str:
    """A file beside this one."""
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return file.read()


def script() -> str:
    """Our script: one function, so that nothing of it is seen outside."""
    return "(() => {\n'use strict';\n" + "\n".join(part(f"page/{name}.js") for name in SCRIPTS) + "\n})();"


def title_of(everything: dict) -> str:
    """What was asked for, or what the rows are of."""
    if everything["title"]:
        return everything["title"]
    table = everything["rows"].table
    names = [name for name in table["topology"].unique() if name] if len(table) else []
    if not names:
        return "Colossus: results"
    return f"Colossus: {names[0]}" + (f" and {len(names) - 1} more" if len(names) > 1 else "")


def summary(everything: dict) -> str:
    """What is on the page, in a few words."""
    found = everything["rows"]
    words = [f"{count:,} rows {source}" for source, count in found.counts.groupby(level=1, sort=False).sum().items()]
    words += [f"{len(found.bad):,} not ok"] if len(found.bad) else []
    words += [f"{sum(len(m['src']) for m in everything['pairs']):,} pairs"] if everything["pairs"] else []
    return ", ".join(words) or "no rows"


def text(everything: dict) -> str:
    """The whole page."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return string.Template(part("page/page.html")).substitute(
        title=plain.escaped(title_of(everything)),
        made=now.strftime("%Y-%m-%d %H:%M UTC"),
        summary=plain.escaped(summary(everything)),
        bound=plain.bound(everything),
        files=plain.files(everything),
        trouble=plain.trouble(everything["rows"]),
        fabrics=plain.fabrics(everything),
        environment=plain.environment(everything["environment"]),
        style=part("page/page.css"),
        data=payload.text(everything),
        plotly=get_plotlyjs().replace("</script", "<\\/script"),
        script=script())
