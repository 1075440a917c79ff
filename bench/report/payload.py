# SPDX-License-Identifier: Apache-2.0
"""What the page's script gets: columns of rows, packed."""
import base64
import json

import numpy
import pandas

# What a reader chooses one value of, in this order; and what makes lines of a chart of its own.
CHOSEN = ("collective", "ranks", "topology", "placement", "routing", "queue_pairs", "scenario", "nodes", "dtype",
          "redop", "root", "in_place", "timing", "registration", "protocol", "lanes", "chunk_bytes", "seed",
          "ranks_per_node", "count", "price_kind", "topology_id")
ALWAYS = ("collective", "ranks", "topology")  # said even where there is no choice
DRAWN = ("algorithm", "source", "backend", "library", "system", "cost_model", "profile", "file")
TOLD = ("price_kind", "limit", "topology", "topology_id", "profile", "source", "algorithm", "bytes", "ranks",
        "collective", "routing", "queue_pairs", "placement", "scenario")
FIGURES = ("time_us", "low", "high", "busbw_GBps", "sol_us", "launches")


def packed(numbers: numpy.ndarray) -> str:
    """As the bytes of a typed array."""
    return base64.b64encode(numpy.ascontiguousarray(numbers).tobytes()).decode()


def coded(column: pandas.Series) -> dict:
    """The distinct texts of a column, the empty one first, and for each row which it is."""
    codes, values = pandas.factorize(pandas.concat([pandas.Series([""]), column.fillna("")], ignore_index=True))
    size = "u1" if len(values) <= 256 else "u2" if len(values) <= 65536 else "u4"
    return {"values": list(values), "size": int(size[1]), "codes": packed(codes[1:].astype("<" + size))}


def several(table: pandas.DataFrame, names, telling) -> list:
    """Those of `names` that tell rows apart and have several values."""
    return [name for name in names if name in telling and len(set(table[name]) - {""}) > 1]


def rows(found) -> dict:
    """All configurations."""
    table = found.table
    chosen, drawn = several(table, CHOSEN, found.telling), several(table, DRAWN, found.telling)
    chosen = [name for name in CHOSEN if name in (*chosen, *ALWAYS)]
    names = dict.fromkeys([*TOLD, *chosen, *drawn])
    return {"length": len(table), "chosen": chosen, "drawn": drawn,
            "texts": {name: coded(table[name]) for name in names},
            "figures": {name: packed(table[name].to_numpy(dtype="<f4")) for name in FIGURES}}


def text(everything: dict) -> str:
    """As JSON that may stand within a script element."""
    data = {"rows": rows(everything["rows"]), "pairs": everything["pairs"], "verdicts": everything["verdicts"],
            "fabrics": everything["environment"]["fabrics"]}
    return json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
