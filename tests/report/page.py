# SPDX-License-Identifier: Apache-2.0
"""The page in a browser: it asks nobody, complains of nothing, fits, and shows what is in the files."""
import json
import unittest

import browser
import fixture
from fixture import InAFolder, priced, row, sweep, write_pairs, write_rows

SIZES = [8 << i for i in range(0, 28, 3)]
LOOKS = [(width, dark) for width in (1280, 390) for dark in (False, True)]

# What a chart shows: lines, cells of a map (an image), or marks.
UNDRAWN = """[...document.querySelectorAll('.chart')].filter(chart => chart.offsetParent && !(
  [...chart.querySelectorAll('.scatterlayer .point, .scatterlayer .js-line')].length || chart.querySelector('.heatmaplayer image')))
  .map(chart => chart.getAttribute('aria-label'))"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
OUTSIDE = """[...document.querySelectorAll('body *')].filter(each => !each.closest('.scroll, pre, svg, .js-plotly-plot, details:not([open]) > :not(summary)')
  && each.getClientRects().length && each.getBoundingClientRect().right > innerWidth + 1).map(each => each.outerHTML.slice(0, 80))"""
CONTRASTS = """(() => {
  const light = text => { const [r, g, b] = text.match(/[\\d.]+/g).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
                          return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const of = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  const card = light(getComputedStyle(document.querySelector('.card')).backgroundColor);
  const all = [...document.querySelectorAll('.chart .js-line, .chart .xtick text, .card h3')].map(each => getComputedStyle(each));
  return all.map(style => of(light(style.fill !== 'none' && style.stroke === 'none' && style.fill !== 'rgb(0, 0, 0)' ? style.fill : style.stroke !== 'none' ? style.stroke : style.color), card));
})()"""


def choose(name: str, value: str, section: str = "curves") -> str:
    """Chooses a value of a box, as a user does."""
    return f"""(() => {{ const box = document.querySelector('#{section} select[name="{name}"]'); box.value = {json.dumps(value)};
      box.dispatchEvent(new Event('change', {{bubbles: true}})); return box.value; }})()"""


def table(which: str) -> str:
    """Opens a table and reads its cells."""
    return f"""new Promise(done => {{ const of = document.querySelector('{which}'); of.open = true; setTimeout(() =>
      done([...of.querySelectorAll('tr')].map(line => [...line.children].map(cell => cell.textContent))), 50); }})"""


class Page(InAFolder):
    """A page with everything on it."""

    @classmethod
    def setUpClass(cls):
        cls.browser = browser.Browser()
        cls.addClassCleanup(cls.browser.__exit__)

    def everything(self) -> str:
        """A page with every section."""
        rows = sweep(9, SIZES, (8, 64, 100352)) + sweep(2, SIZES, (64,), topology="other", topology_id="beef", sol_us=2.0)
        rows += sweep(9, SIZES, (8,), placement="shuffled")
        priced_file = write_rows(self.at("priced.csv"), rows)
        fixture.sidecar(priced_file, topologies=[{"name": "made-up", "id": "f00d", "evidence": "synthetic", "assumptions": ["flat earth"]}])
        timed = [row(algorithm=f"algorithm_{a}", bytes=size, time_us=9.0 + size / 900, launch=launch)
                 for a in range(3) for size in SIZES for launch in range(3)]
        pairs = write_pairs(self.at("timed.pairs.csv"), 16, 5)
        with open(self.at("v.json"), "w", encoding="utf-8") as file:
            json.dump(fixture.verdicts(), file)
        return self.made(priced_file, write_rows(self.at("timed.csv"), timed), pairs, "--verdicts", self.at("v.json"))

    def expect_quiet(self, path: str):
        """Nothing was asked of a network, and nothing was complained of."""
        others = [url for url in self.browser.requests if not url.startswith("data:")]
        self.assertEqual((others, self.browser.complaints), (["file://" + path], []))

    def test_every_section_is_drawn_at_every_width_and_in_every_light(self):
        page = self.everything()
        for width, dark in LOOKS:
            with self.subTest(width=width, dark=dark):
                self.browser.look(width, dark)
                self.browser.open(page)
                self.expect_quiet(page)
                self.assertEqual(self.browser.value("[...document.querySelectorAll('section')].map(each => each.id).join(' ')"),
                                 "curves crossover light ecmp pairs verdicts fabrics environment")
                self.assertEqual(self.browser.value("Number(document.documentElement.dataset.charts)"), 8)
                self.assertEqual(self.browser.value(UNDRAWN), [])
                self.assertEqual((self.browser.value(OVERFLOW), self.browser.value(OUTSIDE)), (0, []))
                ground = self.browser.value("getComputedStyle(document.body).backgroundColor")
                self.assertEqual(max(map(int, ground[4:-1].split(","))) < 64, dark, ground)
                self.assertGreaterEqual(min(self.browser.value(CONTRASTS)), 3, "lines and words can be told from the card")

    def test_a_table_beside_every_chart(self):
        page = self.everything()
        self.browser.look(1280, False)
        self.browser.open(page)
        self.assertEqual(self.browser.value("[...document.querySelectorAll('.card')].filter(card => !card.querySelector('details.table')).length"), 0)
        time = self.browser.value(table("[data-chart=time] details"))
        self.assertEqual([len(line) for line in time], [len(time[0])] * (1 + len(SIZES)), "a line for each size, a cell for each curve")
        self.assertEqual(len(time[0]), 1 + 9 + 3, "nine predicted, three measured")
        self.assertEqual(time[1][time[0].index("algorithm_0 · measured")], "9.01 µs")
        crossover = self.browser.value(table("#crossover details"))
        self.assertEqual(crossover[0], ["size", "8 ranks", "64 ranks", "100,352 ranks"])
        self.assertIn("algorithm_0", crossover[1][1])
        self.assertIn("algorithm_8", crossover[-1][1])
        drawn = self.browser.value(table("#ecmp details"))
        self.assertEqual(set(drawn[1][1:]), {"1.3× (worst 1.5×)"})
        pairs = self.browser.value(table("#pairs details"))
        self.assertEqual(pairs[1][-1], "timeout", "what is not ok comes first")
        self.assertTrue(all("rank 5 (" in " ".join(line[:2]) for line in pairs[2:17]), "then the pairs of the slow rank")
        self.assertEqual({line[2] for line in pairs[2:17]}, {"50%"}, "of pairs alike, within a host or not")
        self.assertEqual([line[0] for line in self.browser.value(table("#verdicts details"))[1:3]], ["slower", "slower"])

    def test_boxes_and_names_choose_what_is_shown(self):
        page = self.everything()
        self.browser.look(1280, True)
        self.browser.open(page)
        lines = "document.querySelectorAll('[data-chart=time] .js-line').length"
        self.assertIn("BOUND", self.browser.value("document.querySelector('#curves .badge').textContent"))
        self.assertIn("flat earth", self.browser.value("document.querySelector('#curves .provenance').textContent"))
        before = self.browser.value(lines)
        self.browser.value("document.querySelector('#curves .legend button[aria-pressed=true]').click()")
        self.assertEqual(self.browser.value(lines), before - 1)
        self.assertEqual(self.browser.value(choose("ranks", "100352")), "100352")
        self.assertEqual(self.browser.value("document.querySelectorAll('#curves .legend button').length"), 9, "nothing measured there")
        self.assertEqual(self.browser.value(choose("ranks", "64")), "64")
        self.assertEqual(self.browser.value(choose("topology", "other")), "other")
        self.assertEqual(self.browser.value("document.querySelectorAll('#curves .legend button').length"), 2)
        self.assertEqual(self.browser.complaints, [])

    def test_colours_follow_the_reader_and_paper_is_light(self):
        page = self.everything()
        self.browser.look(1280, False)
        self.browser.open(page)
        ink = "getComputedStyle(document.querySelector('.xtick text')).fill"
        light = self.browser.value(ink)
        self.browser.look(1280, True)
        dark = self.browser.value(f"new Promise(done => setTimeout(() => done({ink}), 100))")
        self.assertNotEqual(light, dark)
        self.browser.value("dispatchEvent(new Event('beforeprint'))")
        self.assertEqual(self.browser.value(ink), light)
        self.assertGreater(self.browser.value("document.querySelectorAll('details.table.print[open] td').length"), 50)
        self.browser.value("dispatchEvent(new Event('afterprint'))")
        self.assertEqual(self.browser.value(ink), dark)
        self.assertEqual(self.browser.value("document.querySelectorAll('details[open]').length"), 0)

    def test_sizes_of_zero_one_row_and_no_rows_are_no_trouble(self):
        for rows in ([row(bytes=0), row(bytes=8)], [row()], [priced()], [row(status="timeout", time_us="")], []):
            with self.subTest(rows=len(rows)):
                page = self.made(write_rows(self.at("a.csv"), rows))
                self.browser.look(390, False)
                self.browser.open(page)
                self.expect_quiet(page)
                self.assertEqual(self.browser.value(UNDRAWN), [])
                ticks = self.browser.value("[...document.querySelectorAll('[data-chart=time] .xtick text')].map(t => t.textContent)")
                self.assertEqual(set(ticks) <= {"4 B", "8 B", "1 KiB"} and len(ticks) > 0, any(r["time_us"] for r in rows), ticks)

    def test_a_hundred_thousand_rows(self):
        sizes = [8 << i for i in range(31)]
        ranks = [2 ** i for i in range(3, 18)]
        rows = [r for t in range(12) for r in sweep(9, sizes, ranks, topology=f"fabric-{t}", topology_id=f"{t:04x}")]
        self.assertGreaterEqual(len(rows), 100_000)
        page = self.made(write_rows(self.at("many.csv"), rows))
        self.browser.look(1280, False)
        seconds = self.browser.open(page)
        print(f"{len(rows):,} rows opened in {seconds:.1f} s ", end="")
        self.expect_quiet(page)
        self.assertEqual(self.browser.value(UNDRAWN), [])


if __name__ == "__main__":
    if not browser.program():
        fixture.skip("without Chromium")
    fixture.main()
