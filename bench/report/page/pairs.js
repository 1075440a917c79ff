// What each pair of ranks reached, against what pairs like it reached.

const middle = list => {
  const sorted = [...list].sort((a, b) => a - b), n = sorted.length;
  return n ? (sorted[(n - 1) >> 1] + sorted[n >> 1]) / 2 : NaN;
};

// Pairs are alike where both are within a host, or both between hosts.
const pairs_of = matrix => {
  const place = new Map(matrix.ranks.map(([rank], i) => [rank, i]));
  const all = matrix.src.map((src, i) => {
    const from = matrix.ranks[place.get(src)], to = matrix.ranks[place.get(matrix.dst[i])];
    const ok = matrix.status[i] === "ok" && matrix.time_us[i] > 0;
    const GBps = !ok ? null : matrix.GBps[i] ?? matrix.bytes / matrix.time_us[i] / 1e3;
    return {from, to, x: place.get(to[0]), y: place.get(src), GBps, us: matrix.time_us[i], status: matrix.status[i],
            inside: from[1] === to[1], speed: ok ? 1 / matrix.time_us[i] : null};
  });
  for (const of of grouped_by(all, pair => pair.inside).values()) {
    const usual = middle(of.filter(pair => pair.speed !== null).map(pair => pair.speed));
    for (const pair of of) pair.share = pair.speed === null ? null : pair.speed / usual;
  }
  return all;
};

const end_words = ([rank, host, device]) => `rank ${rank} (${host}, device ${device})`;
const pair_hover = pair => `${as_label(end_words(pair.from))}<br>${as_label(end_words(pair.to))}<br>` + (pair.GBps === null
  ? as_label(pair.status) : `<b>${in_rate(pair.GBps)}</b>, ${in_time(pair.us)}<br>${in_percent(pair.share)} of the median ${pair.inside ? "within hosts" : "between hosts"}`);

// A square of cells; a pair that is there one way only stands for both.
const square_of = (pairs, n, value) => {
  const grid = Array.from({length: n}, () => new Array(n).fill(null));
  for (const pair of pairs) grid[pair.x][pair.y] ??= value(pair);
  for (const pair of pairs) grid[pair.y][pair.x] = value(pair);
  return grid;
};

const pair_views = {
  "against alike pairs": {value: pair => pair.share, low: () => 0.4, high: () => 1.1, suffix: "%", by: 100},
  "GB/s": {value: pair => pair.GBps, low: () => 0, high: pairs => pairs.reduce((most, pair) => Math.max(most, pair.GBps ?? 0), 0), suffix: "", by: 1},
};

const pairs_chart = (matrix, pairs, view) => () => {
  const n = matrix.ranks.length, step = Math.ceil(n / (is_narrow() ? 8 : 16));
  const ticks = matrix.ranks.map((_, i) => i).filter(i => i % step === 0), gap = n <= (is_narrow() ? 24 : 64) ? 1 : 0;
  const axis = title => ({...base_axis(title), tickvals: ticks, ticktext: ticks.map(i => matrix.ranks[i][0]), showgrid: false, zeroline: false});
  const scaled_value = pair => view.value(pair) === null ? null : view.by * view.value(pair);
  const side = Math.min(640, (matrix.width || 640));
  return {traces: [{type: "heatmap", z: square_of(pairs, n, scaled_value), text: square_of(pairs, n, pair_hover), xgap: gap, ygap: gap,
                    zmin: view.by * view.low(pairs), zmax: view.by * view.high(pairs), colorscale: shades, hoverongaps: false,
                    hovertemplate: "%{text}<extra></extra>",
                    colorbar: {thickness: 12, outlinewidth: 0, ticksuffix: view.suffix, tickfont: {color: ink("text")}}}],
          layout: layout_of(is_narrow() ? 320 : side - 60, {xaxis: {...axis("rank"), constrain: "domain"},
                                           yaxis: {...axis("rank"), autorange: "reversed", scaleanchor: "x", constrain: "domain"}})};
};

const slowest_pairs = pairs => [...pairs].sort((a, b) => (a.share ?? -1) - (b.share ?? -1));
const pairs_table = pairs => ({
  head: ["from", "to", "of alike pairs", "GB/s", "time", "status"],
  lines: slowest_pairs(pairs).slice(0, 40).map(pair => [end_words(pair.from), end_words(pair.to),
    pair.share === null ? "" : in_percent(pair.share), pair.GBps === null ? "" : digits(pair.GBps), pair.us > 0 ? in_time(pair.us) : "", pair.status]),
});
const pairs_sentence = (matrix, pairs) => {
  const slow = pairs.filter(pair => pair.share !== null && pair.share < 0.8), bad = pairs.filter(pair => pair.share === null).length;
  const kinds = [true, false].map(inside => [inside, pairs.filter(pair => pair.inside === inside && pair.GBps !== null)])
    .filter(([, of]) => of.length).map(([inside, of]) => `${in_rate(middle(of.map(pair => pair.GBps)))} ${inside ? "within" : "between"} hosts`);
  const worst = slowest_pairs(slow)[0];
  return `${in_count(pairs.length)} pairs of ${in_count(matrix.ranks.length)} ranks, ${in_bytes(matrix.bytes)}: median ${kinds.join(", ")}. ` +
    (slow.length ? `${in_count(slow.length)} below 80% of pairs like them, the slowest ${end_words(worst.from)} with ${end_words(worst.to)} at ${in_percent(worst.share)}: colossus-topo locate says which part that points to.`
                 : "None below 80% of pairs like it.") + (bad ? ` ${in_count(bad)} not ok.` : "");
};

const choice = (label, values, changed) => {
  const select = element("select", {name: label, onchange: () => changed(select.selectedIndex)}, ...values.map(value => element("option", {}, value)));
  return element("label", {}, element("span", {}, label), select);
};

const pairs = section => {
  if (!report.pairs.length) return false;
  const find = name => section.querySelector(name), views = Object.keys(pair_views);
  let which = 0, view = 0;
  const show = () => {
    const matrix = report.pairs[which], all = pairs_of(matrix);
    find(".answers").replaceChildren(element("p", {class: "answer"}, pairs_sentence(matrix, all)));
    plot(find(".chart"), "speed of each pair of ranks", pairs_chart(matrix, all, pair_views[views[view]]));
    fill_table(find("details"), () => pairs_table(all));
  };
  const boxes = report.pairs.length > 1 ? [choice("table", report.pairs.map(m => `${m.file}, ${in_bytes(m.bytes)}`), i => { which = i; show(); })] : [];
  find(".filters").replaceChildren(...boxes, choice("colour", views, i => { view = i; show(); }));
  show();
  return true;
};
