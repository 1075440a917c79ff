// What hashing messages onto paths costs against spraying them over all.

const like_adaptive = () => {  // the adaptive row that differs from a row in nothing but how messages are routed
  const own = [...rows.chosen, ...rows.drawn, "bytes"].filter(name => !["routing", "queue_pairs", "seed", "price_kind"].includes(name));
  const key = row => own.map(name => text_of(name, row)).join("|");
  const found = new Map();
  for (const row of rows.every) if (text_of("routing", row) === "adaptive") found.set(key(row), row);
  return row => found.get(key(row));
};

const queue_pair_words = text => !text ? "" : text === "1" ? "1 queue pair" : text + " queue pairs";
const ecmp_series = (left, adaptive) => {
  const has_places = grouped_by(left, row => text_of("placement", row)).size > 1;
  const name = row => [has_places ? text_of("placement", row) : "", queue_pair_words(text_of("queue_pairs", row))].filter(Boolean).join(", ");
  return [...grouped_by(left, row => name(row) || "ECMP")].map(([title, of], i) => ({
    name: title, mark: marks[i % marks.length], dash: "solid", hollow: false, colour: () => palette()[i % palette().length],
    points: of.sort((a, b) => bytes_of(a) - bytes_of(b)).map(row => ({row, than: time_of(adaptive(row))})),
  }));
};
const times_over = (row, than, which) => {
  const value = which ? figure_of(which, row) : time_of(row);
  return (value > 0 ? value : time_of(row)) / than;
};
const in_times = ratio => digits(ratio) + "\u00d7";

const ecmp_trace = each => ({
  type: "scatter", mode: "lines+markers", name: each.name, x: each.points.map(p => bytes_of(p.row)),
  y: each.points.map(p => times_over(p.row, p.than)),
  error_y: {type: "data", symmetric: false, thickness: 1, width: 3, color: each.colour(),
            array: each.points.map(p => Math.max(0, times_over(p.row, p.than, "high") - times_over(p.row, p.than))),
            arrayminus: each.points.map(p => Math.max(0, times_over(p.row, p.than) - times_over(p.row, p.than, "low")))},
  text: each.points.map(p => `<b>${as_label(each.name)}</b>, ${in_bytes(bytes_of(p.row))}<br>ECMP ${in_time(time_of(p.row))} (${range_words(p.row) || "one draw"})<br>` +
    `adaptive ${in_time(p.than)}: <b>${in_times(times_over(p.row, p.than))}</b>`),
  hovertemplate: "%{text}<extra></extra>", line: {color: each.colour(), width: 2},
  marker: {symbol: each.mark, size: is_narrow() ? 6 : 8, color: each.colour()},
});

const ecmp_chart = series => () => {
  const all = series.flatMap(each => each.points.flatMap(p => ["low", "high"].map(which => times_over(p.row, p.than, which))));
  const high = Math.max(1.2, ...all), low = Math.min(0.9, ...all);
  const one = {type: "line", xref: "paper", x0: 0, x1: 1, y0: 1, y1: 1, line: {color: ink("line"), width: 2}};
  return {traces: series.map(ecmp_trace), layout: layout_of(is_narrow() ? 300 : 380, {
    xaxis: size_axis(...range_of(series.map(each => each.points.map(p => bytes_of(p.row))))), shapes: [one],
    yaxis: {...base_axis("time, adaptive routing = 1"), range: [low - 0.05, high + 0.05], ticksuffix: "\u00d7"}})};
};

const point_at = (each, size) => each.points.find(p => bytes_of(p.row) === size);
const ecmp_sentence = series => {  // at the largest size that most of them have
  const sizes = series.flatMap(each => each.points.map(p => bytes_of(p.row)));
  const having = size => series.filter(each => point_at(each, size)).length;
  const size = [...new Set(sizes)].sort((a, b) => having(b) - having(a) || b - a)[0];
  const words = series.filter(each => point_at(each, size)).map(each => {
    const p = point_at(each, size);
    return `${in_times(times_over(p.row, p.than))} (${each.name})`;
  });
  return `At ${in_bytes(size)} ECMP takes ${words.join(", ")} the time of adaptive routing.`;
};

const ecmp_table = series => {
  const sizes = [...new Set(series.flatMap(each => each.points.map(p => bytes_of(p.row))))].sort((a, b) => a - b);
  const say = p => p ? `${in_times(times_over(p.row, p.than))} (worst ${in_times(times_over(p.row, p.than, "high"))})` : "";
  return {head: ["size", ...series.map(each => each.name)],
          lines: sizes.map(size => [in_bytes(size), ...series.map(each => say(point_at(each, size)))])};
};

const ecmp = section => {
  const adaptive = like_adaptive();
  const drawn = rows.every.filter(row => text_of("routing", row) === "ecmp" && adaptive(row) !== undefined);
  if (!drawn.length) return false;
  const find = name => section.querySelector(name);
  const fixed = rows.chosen.filter(name => !["routing", "queue_pairs", "placement", "seed"].includes(name));
  const columns = [...fixed, ...rows.drawn.filter(name => name !== "source")];
  filters(find(".filters"), columns, drawn, left => {
    const series = ecmp_series(left, adaptive);
    find(".answers").replaceChildren(element("p", {class: "answer"}, ecmp_sentence(series)));
    plot(find(".chart"), "time under ECMP over time with adaptive routing, by size", ecmp_chart(series));
    const key = () => find(".legend").replaceChildren(...series.map(each =>
      element("span", {class: "entry"}, swatch(each.mark, each.colour(), false, "solid"), element("span", {}, each.name))));
    restyled.ecmp = key, key();
    fill_table(find("details"), () => ecmp_table(series));
    fill_provenance(find(".provenance"), left);
    fill_badges(section, left);
  }, {algorithm: "hierarchical"});
  restyled.push(() => restyled.ecmp());
  return true;
};
