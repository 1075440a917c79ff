# SPDX-License-Identifier: Apache-2.0
"""The parts of the page that stand still: files, fabrics, environments."""
import html
import os
import shlex


def escaped(text) -> str:
    """Text that means itself in HTML."""
    return html.escape(str(text), quote=True)


def table(head: list, lines: list, name: str = "") -> str:
    """A table that scrolls by itself where it is wide. Cells are HTML."""
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join("<tr>" + f'<th scope="row">{line[0]}</th>' + "".join(f"<td>{cell}</td>" for cell in line[1:])
                   + "</tr>" for line in lines)
    return (f'<div class="scroll {name}" tabindex="0" role="region" aria-label="table"><table><thead><tr>{top}</tr>'
            f"</thead><tbody>{body}</tbody></table></div>")


def details(summary: str, inner: str, name: str = "") -> str:
    """Something that opens."""
    return f'<details class="{name}"><summary>{summary}</summary>{inner}</details>'


def bound(everything: dict) -> str:
    """What simulated times are, said before any of them."""
    found = everything["rows"].table
    profiles = set(found.loc[found["source"] == "simulated", "profile"]) if len(found) else set()
    lines = []
    if profiles & {"none", ""}:
        lines.append("<strong>BOUND:</strong> predicted times here have no profile of software overheads. They leave "
                     "out what software adds: what is measured is usually slower.")
    for name in sorted(profiles - {"none", ""}):
        lines.append(f"<strong>EXPECTED:</strong> predicted times of profile {escaped(name)} have software overheads "
                     "that were fitted to measurements.")
    return "".join(f'<p class="bound">{line}</p>' for line in lines)


def files(everything: dict) -> str:
    """What was read."""
    counts, bad = everything["rows"].counts, everything["rows"].bad
    lines = [[escaped(file), escaped("predicted" if source == "simulated" else source), f"{count:,}",
              f"{int(((bad['file'] == file) & (bad['source'] == source)).sum()):,}"]
             for (file, source), count in counts.items()]
    for matrix in everything["pairs"]:
        lines.append([escaped(matrix["file"]), f"pairs of {len(matrix['ranks']):,} ranks", f"{len(matrix['src']):,}",
                      f"{sum(status != 'ok' for status in matrix['status']):,}"])
    return table(["file", "what", "rows", "not ok"], lines)


def trouble(rows) -> str:
    """The rows that are on no chart, and why."""
    if not len(rows.bad):
        return ""
    status = rows.bad["status"].where(rows.bad["status"] != "ok", "no time")
    groups = rows.bad.assign(status=status).groupby(["file", "status", "collective", "algorithm", "ranks"], sort=False)
    lines = [[escaped(cell) for cell in key] + [f"{count:,}"] for key, count in groups.size().items()]
    shown = table(["file", "status", "collective", "algorithm", "ranks", "rows"], lines[:200])
    more = f"<p>and {len(lines) - 200:,} lines more</p>" if len(lines) > 200 else ""
    return f'<p class="warn">{len(rows.bad):,} rows are not ok: they are on no chart.</p>' + shown + more


def fabric(known: dict, name: str, ranks: str) -> list:
    """What stands behind one fabric."""
    evidence = known.get("evidence", "not known: no sidecar")
    assumed = known.get("assumptions", [])
    items = "".join(f"<li>{escaped(each)}</li>" for each in assumed)
    said = details(f"{len(assumed)} assumption{'' if len(assumed) == 1 else 's'}", f"<ul>{items}</ul>", "assumed")
    return [escaped(name), f'<span class="evidence">{escaped(evidence)}</span>', escaped(ranks),
            said if assumed else "none stated" if known else "not known",
            f"<code>{escaped(os.path.basename(known.get('path', '')))}</code>"]


def fabrics(everything: dict) -> str:
    """Each fabric of the rows: its evidence, and what is assumed of it."""
    found, known = everything["rows"].table, everything["environment"]["fabrics"]
    if not len(found):
        return ""
    priced = found[found["topology"] != ""]
    lines = []
    for (name, key), of_one in priced.groupby(["topology", "topology_id"], sort=False):
        ranks = sorted(set(of_one["ranks"].astype(int)))
        lines.append(fabric(known.get(key, {}), name, " to ".join(f"{n:,}" for n in dict.fromkeys((ranks[0], ranks[-1])))))
    return table(["fabric", "evidence", "GPUs priced", "assumed", "file"], lines, "words") if lines else ""


def environment(found: dict) -> str:
    """A column for each environment, a line for each field; where they differ is marked."""
    runs = found["runs"]
    notes = "".join(f"<p>{escaped(name)} has no sidecar: its environment is not known.</p>"
                    for name in found["unknown"])
    if not runs:
        return notes
    names = list(dict.fromkeys(field for run in runs for field in run["fields"]))
    lines = []
    for name in names:
        values = [run["fields"].get(name, "") for run in runs]
        differs = len(set(filter(None, values))) > 1
        lines.append([escaped(name) + (' <span class="differs">differs</span>' if differs else "")]
                     + [escaped(value) for value in values])
    head = ["", *(f"{escaped(run['file'])}<br>{runs_text(run)}" for run in runs)]
    return notes + table(head, lines, "words") + commands(runs)


def runs_text(run: dict) -> str:
    """How many runs, and when."""
    times = sorted(filter(None, run["started"]))
    n = len(run["started"])
    return f'<small>{n:,} run{"" if n == 1 else "s"}{", from " + escaped(times[0]) if times else ""}</small>'


def commands(runs: list) -> str:
    """What was run, line by line, each once."""
    lines = dict.fromkeys(shlex.join(map(str, argv)) for run in runs for argv in run["commands"] if argv)
    if not lines:
        return ""
    text = "\n".join(escaped(line) for line in lines)
    return details(f"the command{'' if len(lines) == 1 else 's'} that made these rows ({len(lines)})",
                   f"<pre>{text}</pre>")
