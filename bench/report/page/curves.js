// Time, bandwidth and share of the speed of light over size, measured and predicted on one chart.

// What must be in the names of lines so that no two have one.
const telling_of = list => {
  const lines = columns => grouped_by(list, row => ["algorithm", "source", ...columns].map(name => text_of(name, row)).join("|")).size;
  let kept = rows.drawn.filter(name => name !== "algorithm" && name !== "source");
  const all = lines(kept);
  for (const name of ["file", "library", "backend", "cost_model", "profile", "system"]) {
    const fewer = kept.filter(each => each !== name);
    if (lines(fewer) === all) kept = fewer;
  }
  return ["source", ...kept];
};

// Lines: rows that agree in what is drawn.
const series_of = list => {
  const always = telling_of(list);
  const own_words = row => always.filter(name => !(is_priced(row) && ["backend", "library"].includes(name)))
    .map(name => name === "source" ? source_word(text_of(name, row)) : text_of(name, row));
  const origin = row => [...new Set(own_words(row).filter(text => text && text !== "none"))].join(", ");
  const is_one = new Set(list.map(origin)).size === 1;  // which is then said beside the chart
  const groups = grouped_by(list, row => [text_of("algorithm", row) || "unknown", ...(is_one ? [] : [origin(row)])].join(" \u00b7 "));
  const origins = {simulated: [], other: []};
  return [...groups].map(([name, of]) => {
    const kind = is_priced(of[0]) ? "simulated" : "other", own = origin(of[0]), algorithm = text_of("algorithm", of[0]);
    if (!origins[kind].includes(own)) origins[kind].push(own);
    const dash = strokes[kind][origins[kind].indexOf(own) % strokes[kind].length];
    return {name, origin: own, algorithm, dash, hollow: kind === "simulated", mark: mark_of(algorithm),
            colour: () => colour_of(algorithm), rows: of.sort((a, b) => bytes_of(a) - bytes_of(b))};
  }).sort((a, b) => order_of(a.algorithm) - order_of(b.algorithm));
};

// How near each algorithm comes to the fastest at its best size; the first is the fastest somewhere.
const by_merit = series => {
  const merit = new Map();
  for (const of of grouped_by(series.flatMap(each => each.rows.map(row => ({each, row}))),
                              ({each, row}) => each.origin + "|" + bytes_of(row)).values()) {
    const best = Math.min(...of.map(({row}) => time_of(row)));
    for (const {each, row} of of) {
      const ratio = time_of(row) / best;
      merit.set(each.algorithm, Math.min(merit.get(each.algorithm) ?? Infinity, ratio));
    }
  }
  return [...merit].sort((a, b) => a[1] - b[1]).map(([algorithm]) => algorithm);
};

// More lines than can be told apart: those that come near nobody are hidden at first.
const hidden_at_first = series => {
  const most = 7, kept = new Set(by_merit(series).slice(0, most));
  return new Set(series.length > most + 1 ? series.filter(each => !kept.has(each.algorithm)).map(each => each.name) : []);
};

const range_words = row => {
  const low = figure_of("low", row), high = figure_of("high", row), launches = figure_of("launches", row);
  if (!(low < high)) return launches > 1 ? `${launches} launches` : "";
  return `${in_time(low)} to ${in_time(high)}` + (launches > 1 ? ` over ${launches} launches` : "");
};
const hover_of = (each, row) => {
  const sol = figure_of("sol_us", row), limit = text_of("limit", row);
  return [`<b>${as_label(each.algorithm || "algorithm unknown")}</b>`, as_label(each.origin),
          `${in_bytes(bytes_of(row))}: <b>${in_time(time_of(row))}</b>, ${in_rate(figure_of("busbw_GBps", row))}`,
          range_words(row), sol > 0 ? `${in_percent(sol / time_of(row))} of the speed of light` : "",
          limit ? `limited by ${as_label(limit)}` : ""].filter(Boolean).join("<br>");
};

const figures = {
  time: {title: "time", of: row => time_of(row), say: in_time, axis: (low, high) => log_axis("time", low, high, in_time)},
  rate: {title: "bus bandwidth", of: row => figure_of("busbw_GBps", row), say: in_rate,
         axis: (low, high) => log_axis("bus bandwidth, GB/s", low, high, value => digits(value))},
  light: {title: "share of the speed of light", of: row => figure_of("sol_us", row) / time_of(row), say: in_percent,
          axis: () => ({...base_axis("of the speed of light"), tickformat: ".0%", range: [0, 1.04]})},
};

const traces_of = (series, figure) => series.map(each => ({
  type: "scatter", mode: "lines+markers", name: each.name, x: each.rows.map(row => bytes_of(row) || null),
  y: each.rows.map(row => { const value = figure.of(row); return value > 0 ? value : null; }),
  text: each.rows.map(row => hover_of(each, row)), hovertemplate: "%{text}<extra></extra>",
  line: {color: each.colour(), dash: each.dash, width: 2},
  marker: {symbol: each.mark + (each.hollow ? "-open" : ""), size: is_narrow() ? 6 : 8, color: each.colour(), line: {width: 1.5}},
}));

const curves_table = (series, figure) => {
  const sizes = [...new Set(series.flatMap(each => each.rows.map(bytes_of)))].sort((a, b) => a - b);
  const cells = series.map(each => new Map(each.rows.map(row => [bytes_of(row), figure.of(row)])));
  const say = value => value > 0 ? figure.say(value) : "";
  return {head: ["size", ...series.map(each => each.name)],
          lines: sizes.map(size => [in_bytes(size), ...cells.map(of => of.has(size) ? say(of.get(size)) : "")])};
};

// "ring to 16 KiB, then tree": which is the fastest, from the smallest size to the largest.
const winners_of = list => {
  const spans = [];
  for (const [, of] of [...grouped_by(list, bytes_of)].sort((a, b) => a[0] - b[0])) {
    const first = fastest_first(of)[0], name = text_of("algorithm", first);
    if (!spans.length || spans[spans.length - 1].name !== name) spans.push({name, from: bytes_of(first)});
  }
  return spans;
};
const winner_sentence = (origin, all) => {
  const list = all.filter(row => text_of("algorithm", row) !== "");
  const spans = winners_of(list), most = 4;
  if (new Set(list.map(row => text_of("algorithm", row))).size < 2) return null;
  const words = spans.slice(0, most).flatMap(({name, from}, i) =>
    [...(i ? [`, from ${in_bytes(from)} `] : []), element("b", {}, ...with_breaks(name))]);
  const others = spans.length - most, more = others > 0 ? `, and ${others} more change${others > 1 ? "s" : ""}` : "";
  return element("p", {class: "answer"}, `Fastest ${origin}: `, ...words, more + ".");
};

const curves = section => {
  if (!rows.length) return false;
  const find = name => section.querySelector(name);
  let series = [], hidden = new Set(), left = [];
  const shown = () => series.filter(each => !hidden.has(each.name));
  const place = which => find(`[data-chart=${which}]`);
  const show = () => {
    for (const [which, figure] of Object.entries(figures)) {
      const has = left.some(row => figure.of(row) > 0), holder = place(which);
      holder.hidden = !has;
      if (!has) { charts.delete(holder.querySelector(".chart")); continue; }
      plot(holder.querySelector(".chart"), `${figure.title} over size`, () => {
        const of = shown(), y = range_of(of.map(each => each.rows.map(figure.of)));
        const x = range_of(series.map(each => each.rows.map(bytes_of)));
        return {traces: traces_of(of, figure), layout: layout_of(is_narrow() ? 300 : 400, {xaxis: size_axis(...x), yaxis: figure.axis(...y)})};
      });
      fill_table(holder.querySelector("details"), () => curves_table(series, figure));
    }
  };
  const draw_legend = () => legend(find(".legend"), series, hidden, show);
  filters(find(".filters"), rows.chosen, rows.every, chosen => {
    left = chosen, series = series_of(chosen), hidden = hidden_at_first(series);
    find(".answers").replaceChildren(...[...grouped_by(series, each => each.origin)]
      .map(([origin, of]) => winner_sentence(origin, of.flatMap(each => each.rows))).filter(Boolean));
    find(".note").textContent = hidden.size ? `${hidden.size} of ${series.length} lines are hidden: press their names. The tables have all.` : "";
    draw_legend(), show();
    fill_provenance(find(".provenance"), chosen);
    fill_badges(section, chosen);
  });
  restyled.push(draw_legend);
  return true;
};
