# SPDX-License-Identifier: Apache-2.0
"""The report's side of files: what it reads, what it refuses, what it hands to the page."""
import ast
import base64
import json
import os
import struct
import unittest

import fixture
from fixture import InAFolder, data_of, priced, report, row, write_pairs, write_rows


def constant(name: str):
    """A constant of the reader of rows."""
    with open(os.path.join(fixture.ROOT, "bench", "report", "rows.py"), encoding="utf-8") as file:
        tree = ast.parse(file.read())
    return next(ast.literal_eval(node.value) for node in tree.body
                if isinstance(node, ast.Assign) and node.targets[0].id == name)


def floats(data: dict, name: str) -> list:
    """A column of figures, to six digits."""
    raw = base64.b64decode(data["rows"]["figures"][name])
    return [float(f"{value:.6g}") for value in struct.unpack(f"<{len(raw) // 4}f", raw)]


def texts(data: dict, name: str) -> list:
    """A column of texts."""
    column = data["rows"]["texts"][name]
    raw, size = base64.b64decode(column["codes"]), column["size"]
    return [column["values"][int.from_bytes(raw[i:i + size], "little")] for i in range(0, len(raw), size)]


class Files(InAFolder):
    """One file, one property."""

    def refused(self, status: int, text: str, *arguments):
        """Refused in one line, and nothing is written."""
        done = report(*arguments)
        self.assertEqual((done.returncode, done.stdout), (status, ""), done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertIn(text, done.stderr)

    def test_keys_are_the_schemas(self):
        self.assertEqual(constant("KEYS"), tuple(name for name, key in fixture.schema() if key))

    def test_launches_are_one_line_with_their_median_and_range(self):
        rows = [row(launch=i, time_us=t) for i, t in enumerate((12.0, 10.0, 40.0))] + [row(bytes=2048, time_us=5.0)]
        data = data_of(self.made(write_rows(self.at("a.csv"), rows)))
        self.assertEqual(floats(data, "time_us"), [12.0, 5.0])
        self.assertEqual([floats(data, name)[0] for name in ("low", "high", "launches")], [10.0, 40.0, 3.0])

    def test_two_files_of_one_configuration_stay_two_lines(self):
        paths = [write_rows(self.at(name), [row(time_us=t)]) for name, t in (("a.csv", 1.0), ("b.csv", 2.0))]
        data = data_of(self.made(*paths, COLOSSUS_COMPARE="", PATH="/usr/bin"))
        self.assertEqual(floats(data, "time_us"), [1.0, 2.0])
        self.assertIn("file", data["rows"]["drawn"])

    def test_draws_and_what_is_not_known_are_ranges(self):
        rows = [priced(time_us=3.0, time_us_min=2.0, time_us_max=4.0), priced(bytes=2048, time_us_low=9.0, time_us_high=11.0)]
        data = data_of(self.made(write_rows(self.at("a.csv"), rows)))
        self.assertEqual((floats(data, "low"), floats(data, "high")), ([2.0, 9.0], [4.0, 11.0]))

    def test_what_is_worked_out_is_chosen_only_where_it_must_be(self):
        chunks = [priced(bytes=size, chunk_bytes=size // 4, lanes=2) for size in (1024, 2048)]
        data = data_of(self.made(write_rows(self.at("a.csv"), chunks)))
        self.assertNotIn("chunk_bytes", data["rows"]["chosen"])
        chunks += [priced(bytes=size, chunk_bytes=16, lanes=2) for size in (1024, 2048)]
        data = data_of(self.made(write_rows(self.at("a.csv"), chunks)))
        self.assertIn("chunk_bytes", data["rows"]["chosen"])

    def test_what_is_not_ok_is_on_no_chart_but_said(self):
        rows = [row(), row(bytes=64, status="wrong_data"), row(bytes=32, time_us="", status="timeout"), row(bytes=16, status="approximate")]
        page = self.made(write_rows(self.at("a.csv"), rows))
        self.assertEqual(texts(data_of(page), "bytes"), ["1024", "16"])
        with open(page, encoding="utf-8") as file:
            text = file.read()
        for said in ("2 rows are not ok", "wrong_data", "timeout"):
            self.assertIn(said, text)

    def test_a_line_that_a_kill_cut_off_is_left_out(self):
        path = write_rows(self.at("a.csv"), [row(), row(bytes=2048)])
        with open(path, "rb+") as file:
            file.truncate(os.path.getsize(path) - 30)
        page = self.made(path)
        self.assertEqual(texts(data_of(page), "bytes"), ["1024"])
        with open(page, encoding="utf-8") as file:
            self.assertFalse("are not ok" in file.read())

    def test_text_of_files_means_itself(self):
        evil = '</script><script>alert(1)</script><b>"&'
        path = write_rows(self.at("a.csv"), [priced(algorithm=evil, topology=evil), priced(algorithm="b", topology=evil)])
        fixture.sidecar(path, cpu=evil, topologies=[{"name": evil, "id": "f00d", "evidence": evil, "assumptions": [evil]}])
        page = self.made(path, "--title", evil)
        self.assertEqual(texts(data_of(page), "algorithm")[0], evil)
        with open(page, encoding="utf-8") as file:
            self.assertFalse("<script>alert" in file.read())

    def test_bounds_evidence_and_assumptions_are_said(self):
        path = write_rows(self.at("a.csv"), [priced(), priced(bytes=2048, profile="lab")])
        fixture.sidecar(path, topologies=[{"name": "made-up", "id": "f00d", "evidence": "synthetic", "assumptions": ["flat earth"]}])
        with open(self.made(path), encoding="utf-8") as file:
            text = file.read()
        for said in ("<strong>BOUND:</strong>", "profile lab", "synthetic", "flat earth", "NCCL_ALGO", "colossus-threads &#x27;a b&#x27;"):
            self.assertIn(said, text)

    def test_files_of_one_name_are_called_apart(self):
        paths = []
        for number, folder in enumerate(("one/run", "two/run")):
            os.makedirs(self.at(folder))
            paths.append(write_rows(self.at(f"{folder}/a.csv"), [row(time_us=1.0 + number)]))
        data = data_of(self.made(*paths, COLOSSUS_COMPARE="", PATH="/usr/bin"))
        self.assertEqual(floats(data, "time_us"), [1.0, 2.0])
        self.assertEqual(texts(data, "file"), ["one/run/a.csv", "two/run/a.csv"])

    def test_a_file_given_twice_is_refused(self):
        path = write_rows(self.at("a.csv"), [row()])
        self.refused(2, "a.csv: expected each file once, found it twice", path, path, "-o", self.at("x.html"))

    def test_a_byte_order_mark_is_no_trouble(self):
        path = write_rows(self.at("a.csv"), [row()])
        write_pairs(self.at("a.pairs.csv"), 8, 5)
        for name in (path, self.at("a.pairs.csv")):
            with open(name, "rb") as file:
                text = file.read()
            with open(name, "wb") as file:
                file.write(b"\xef\xbb\xbf" + text)
        data = data_of(self.made(path))
        self.assertEqual((data["rows"]["length"], len(data["pairs"])), (1, 1))

    def test_runs_with_their_ranks_elsewhere_are_apart(self):
        path = write_pairs(self.at("a.pairs.csv"), 8, 5)
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()[1:]
        again = ["again" + line[1:] for line in lines]
        moved = ["moved" + line[1:].replace(",h1,", ",h2,") for line in lines]
        with open(path, "a", encoding="utf-8") as file:
            file.write("\n".join(again + moved) + "\n")
        matrices = data_of(self.made(path))["pairs"]
        self.assertEqual([len(matrix["src"]) for matrix in matrices], [28, 28])
        self.assertEqual(len({matrix["file"] for matrix in matrices}), 2)

    def test_pairs_beside_rows_are_found(self):
        rows = write_rows(self.at("a.csv"), [row()])
        write_pairs(self.at("a.pairs.csv"), 8, 5)
        [matrix] = data_of(self.made(rows))["pairs"]
        self.assertEqual((len(matrix["src"]), len(matrix["ranks"]), matrix["ranks"][5]), (28, 8, [5, "h1", "1"]))
        self.assertEqual((matrix["time_us"][0], matrix["status"][0]), (None, "timeout"))
        self.assertEqual(len(data_of(self.made(self.at("a.pairs.csv")))["pairs"]), 1, "a table of pairs alone is enough")

    def test_verdicts_are_read(self):
        path = write_rows(self.at("a.csv"), [row()])
        with open(self.at("v.json"), "w", encoding="utf-8") as file:
            json.dump(fixture.verdicts(), file)
        self.assertEqual(data_of(self.made(path, "--verdicts", self.at("v.json")))["verdicts"], [fixture.verdicts()])

    def test_wrong_input_is_one_line(self):
        good, page = write_rows(self.at("a.csv"), [row()]), self.at("x.html")
        bad = write_rows(self.at("b.csv"), [row(), row(time_us="ten", busbw_GBps=1)])
        other = self.at("c.csv")
        with open(other, "w", encoding="utf-8") as file:
            file.write("size,time\n1,2\n")
        self.refused(3, "nowhere.csv: cannot be read", self.at("nowhere.csv"), "-o", page)
        self.refused(3, "b.csv: line 3: expected a number in time_us, found 'ten'", bad, "-o", page)
        self.refused(3, "c.csv: line 1: expected the columns of a file of rows, found no schema in 'size,time'", other, "-o", page)
        self.refused(3, "expected rows of schema 1, found 2", write_rows(self.at("d.csv"), [row(schema=2)]), "-o", page)
        self.refused(3, "expected JSON of colossus-compare", good, "--verdicts", good, "-o", page)
        self.refused(2, "expected a name that ends in .html", good, "-o", good)
        self.refused(2, "--base", good, "--base", other, "-o", page)
        self.refused(2, "--bose", good, "--bose", other, "-o", page)
        self.refused(4, "cannot be written", good, "-o", self.at("no/such/folder.html"))
        self.assertFalse(os.path.exists(page), "nothing is left of a refusal")


if __name__ == "__main__":
    fixture.main()
