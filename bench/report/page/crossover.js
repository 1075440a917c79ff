// Which algorithm is the fastest at each size and number of ranks.

const bin_of = bytes => Math.round(Math.log2(Math.max(1, bytes)));
const letter_of = i => String.fromCharCode(65 + i % 26);

// For each number of ranks and power of two: the rows of the largest size there, the fastest first.
const cells_of = list => {
  const cells = new Map();
  for (const [key, of] of grouped_by(list, row => text_of("ranks", row) + "|" + bin_of(bytes_of(row)))) {
    const largest = Math.max(...of.map(bytes_of));
    cells.set(key, fastest_first(of.filter(row => bytes_of(row) === largest)));
  }
  return cells;
};

const cell_hover = of => {
  const [first, second] = of;
  const next = second === undefined ? "no other here"
    : `next: ${as_label(text_of("algorithm", second))}, ${in_change(time_of(second) / time_of(first) - 1)}`;
  return `${in_count(text_of("ranks", first))} ranks, ${in_bytes(bytes_of(first))}<br><b>${as_label(text_of("algorithm", first))}</b>: ` +
    `${in_time(time_of(first))}<br>${next}`;
};

// Places of a list at even distances, at most so many.
const some_of = (list, most) => list.map((_, i) => i).filter(i => i % Math.ceil(list.length / most) === 0);

const crossover_chart = (cells, ranks, bins, winners) => () => {
  const at = (rank, bin) => cells.get(rank + "|" + bin);
  const place = of => winners.indexOf(text_of("algorithm", of[0]));
  const grid = make => ranks.map(rank => bins.map(bin => at(rank, bin) ? make(at(rank, bin)) : null));
  const n = winners.length, steps = winners.flatMap((name, i) => [[i / n, colour_of(name)], [(i + 1) / n, colour_of(name)]]);
  const ticks = some_of(bins, is_narrow() ? 5 : 11);
  const is_tight = is_narrow() && bins.length > 16;  // then a letter stands where the winner changes
  const traces = [{type: "heatmap", x: bins.map((_, i) => i), y: ranks.map((_, i) => i), z: grid(place), zmin: -0.5, zmax: n - 0.5,
                   colorscale: steps, showscale: false, xgap: is_tight ? 0 : 2, ygap: 2, text: grid(cell_hover), hoverongaps: false,
                   hovertemplate: "%{text}<extra></extra>"}];
  const is_told = (rank, x) => !is_tight || !x || !at(rank, bins[x - 1]) || place(at(rank, bins[x - 1])) !== place(at(rank, bins[x]));
  const here = ranks.flatMap((rank, y) => bins.map((bin, x) => ({x, y, of: at(rank, bin)})).filter(cell => cell.of && is_told(rank, cell.x)));
  traces.push({type: "scatter", mode: "text", x: here.map(c => c.x), y: here.map(c => c.y), hoverinfo: "skip",
               text: here.map(c => letter_of(place(c.of))), textfont: {color: ink("card"), size: is_narrow() ? 8 : 12}});
  return {traces, layout: layout_of(90 + 30 * Math.max(2, ranks.length), {
    xaxis: {...base_axis("size"), tickvals: ticks, ticktext: ticks.map(i => in_bytes(2 ** bins[i])), showgrid: false, zeroline: false,
            range: [-0.5, bins.length - 0.5]},
    yaxis: {...base_axis("ranks"), tickvals: ranks.map((_, i) => i), ticktext: ranks.map(in_count), showgrid: false, zeroline: false},
  })};
};

const crossover_table = (cells, ranks, bins) => ({
  head: ["size", ...ranks.map(rank => in_count(rank) + " ranks")],
  lines: bins.map(bin => [in_bytes(2 ** bin), ...ranks.map(rank => {
    const of = cells.get(rank + "|" + bin);
    return of ? `${text_of("algorithm", of[0])} ${in_time(time_of(of[0]))}` : "";
  })]),
});

const crossover = section => {
  const several = name => rows.texts[name] && rows.texts[name].values.length > 2;
  if (!rows.drawn.includes("algorithm") || !several("bytes")) return false;
  const find = name => section.querySelector(name);
  const others = rows.drawn.filter(name => !["algorithm", "source"].includes(name));
  const columns = ["collective", "source", ...rows.chosen.filter(name => !["collective", "ranks"].includes(name)), ...others];
  filters(find(".filters"), columns.filter(name => several(name) || always_said.includes(name)), rows.every, left => {
    const cells = cells_of(left), ranks = in_order([...new Set(left.map(row => text_of("ranks", row)))]);
    const bins = [...new Set(left.map(row => bin_of(bytes_of(row))))].sort((a, b) => a - b);
    const winners = [...new Set([...cells.values()].map(of => text_of("algorithm", of[0])))].sort((a, b) => order_of(a) - order_of(b));
    plot(find(".chart"), "the fastest algorithm by size and number of ranks", crossover_chart(cells, ranks, bins, winners));
    const key = () => find(".legend").replaceChildren(...winners.map((name, i) => {
      const square = element("span", {class: "key", style: `background:${colour_of(name)}`, "aria-hidden": "true"}, letter_of(i));
      return element("span", {class: "entry"}, square, element("span", {}, ...with_breaks(name || "unknown")));
    }));
    restyled.crossover = key, key();
    fill_table(find("details"), () => crossover_table(cells, ranks, bins));
    fill_provenance(find(".provenance"), left);
    fill_badges(section, left);
  });
  restyled.push(() => restyled.crossover());
  return true;
};
