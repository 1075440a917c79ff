// What colossus-compare said: the change of each configuration, with its interval.

const verdict_styles = {
  slower: {mark: "triangle-up", colour: 1}, faster: {mark: "triangle-down", colour: 2}, unclear: {mark: "diamond", colour: 4, hollow: true},
  same: {mark: "circle", colour: 8}, not_ok: {mark: "x", colour: 9},
};
const verdict_words = {not_ok: "not ok"};

const varying = findings => [...new Set(findings.flatMap(f => Object.keys(f.key)))]
  .filter(name => name !== "count" && new Set(findings.map(f => f.key[name] ?? "")).size > 1);
const key_words = (f, columns) => columns.map(name => f.key[name] === undefined ? "" : name === "bytes" ? in_bytes(f.key.bytes)
  : `${name} ${f.key[name]}`).filter(Boolean).join(", ");

// Findings of one size stand side by side.
const side_by_side = findings => {
  const places = new Map();
  for (const of of grouped_by(findings, f => f.key.bytes).values())
    of.forEach((f, i) => places.set(f, f.key.bytes * 2 ** (Math.min(0.1, 1 / of.length) * (i - (of.length - 1) / 2))));
  return f => places.get(f);
};

const verdict_trace = (verdict, of, columns, place) => {
  const style = verdict_styles[verdict], colour = palette()[style.colour], change = f => 100 * (f.ratio - 1);
  return {
    type: "scatter", mode: "markers", name: verdict, x: of.map(place), y: of.map(change),
    marker: {symbol: style.mark + (style.hollow ? "-open" : ""), color: colour, size: 8, line: {width: 1.5}},
    error_y: {type: "data", symmetric: false, thickness: 1, width: 0, color: colour,
              array: of.map(f => f.ratio_high ? 100 * f.ratio_high - 100 - change(f) : 0),
              arrayminus: of.map(f => f.ratio_low ? change(f) - (100 * f.ratio_low - 100) : 0)},
    text: of.map(f => `<b>${verdict}</b> ${in_change(f.ratio - 1)}<br>${as_label(key_words(f, columns))}<br>${in_time(f.base_time_us)} \u2192 ${in_time(f.new_time_us)}`),
    hovertemplate: "%{text}<extra></extra>",
  };
};

const verdict_chart = (findings, threshold, columns) => () => {
  const timed = findings.filter(f => f.ratio > 0 && f.key.bytes > 0), groups = grouped_by(timed, f => f.verdict), place = side_by_side(timed);
  const traces = Object.keys(verdict_styles).reverse().filter(v => groups.has(v)).map(v => verdict_trace(v, groups.get(v), columns, place));
  const spread = timed.flatMap(f => [f.ratio, f.ratio_low, f.ratio_high]).filter(r => r > 0).map(r => Math.abs(100 * r - 100)).sort((a, b) => a - b);
  const most = 1.1 * Math.max(300 * threshold, spread[Math.floor(0.98 * spread.length)] ?? 1);
  const band = {type: "rect", xref: "paper", x0: 0, x1: 1, y0: -100 * threshold, y1: 100 * threshold, fillcolor: ink("band"), line: {width: 0}, layer: "below"};
  return {traces, layout: layout_of(is_narrow() ? 300 : 380, {shapes: [band],
    xaxis: size_axis(...range_of([timed.map(f => f.key.bytes)])),
    yaxis: {...base_axis("change of time"), ticksuffix: "%", range: [-most, most]}})};
};

const verdict_table = (findings, columns) => {
  const order = Object.keys(verdict_styles), most = 400;
  const sorted = [...findings].sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
  const share = ratio => ratio > 0 ? in_change(ratio - 1) : "";
  const lines = sorted.slice(0, most).map(f => [verdict_words[f.verdict] || f.verdict, share(f.ratio),
    f.ratio_low > 0 ? `${share(f.ratio_low)} to ${share(f.ratio_high)}` : "", f.base_time_us ? in_time(f.base_time_us) : "",
    f.new_time_us ? in_time(f.new_time_us) : "", `${f.base_launches ?? ""}:${f.new_launches ?? ""}`,
    ...columns.map(name => f.key[name] === undefined ? "" : said(name, String(f.key[name])))]);
  if (sorted.length > most) lines.push([`and ${in_count(sorted.length - most)} more`]);
  return {head: ["verdict", "time", "95% interval", "base", "new", "launches", ...columns.map(name => names[name] || name)], lines};
};

// What a reader must know before the verdicts.
const verdict_notes = one => [
  ...(one.left_out || []).map(column => `left out: ${column}`),
  ...(one.unmatched || []).map(u => `${in_count(u.keys)} configurations of ${short_path(u.in)} are not in ${short_path(u.not_in)}`),
  ...(one.environment || []).map(e => `the environments differ in ${e.field}: ${e.base} in the base, ${e.new} in ${short_path(e.file)}`),
  ...(one.environment_unknown || []).map(path => `the environment of ${short_path(path)} is not known`),
  ...(one.matches_any?.length ? [`matches whatever it holds: ${one.matches_any.join(", ")}`] : []),
];
const few_launches = findings => {
  const needed = findings.reduce((most, f) => Math.max(most, f.launches_needed || 0), 0);
  return needed ? `Too few launches to tell a difference from chance: ${needed} on each side would do.` : "";
};

const verdicts = section => {
  const find = name => section.querySelector(name), made = report.verdicts.filter(one => one.findings);
  const left_out = report.verdicts.filter(one => typeof one.left_out === "string").map(one => element("li", {}, one.left_out));
  find(".notes").replaceChildren(...left_out);
  if (!made.length) { find(".card").remove(); return left_out.length > 0; }
  const sides = made.flatMap(one => [...grouped_by(one.findings, f => f.new)].map(([name, findings]) => ({one, name, findings})));
  if (!sides.length) return false;
  const show = which => {
    const {one, name, findings} = sides[which], columns = varying(findings), threshold = one.threshold ?? 0.02;
    const counts = grouped_by(findings, f => f.verdict);
    const words = Object.keys(verdict_styles).filter(v => counts.has(v)).map(v => `${in_count(counts.get(v).length)} ${verdict_words[v] || v}`);
    find(".answers").replaceChildren(element("p", {class: "answer"}, element("b", {}, short_path(name)), " against ", element("b", {}, short_path(one.sides?.[0] ?? "the base")),
      `: ${words.join(", ")} (threshold ${in_percent(threshold)}). ${few_launches(findings)}`));
    find(".notes").replaceChildren(...verdict_notes(one).map(text => element("li", {}, text)), ...left_out);
    const key = () => find(".legend").replaceChildren(...Object.keys(verdict_styles).filter(v => counts.has(v)).map(v => {
      const style = verdict_styles[v];
      return element("span", {class: "entry"}, swatch(style.mark, palette()[style.colour], style.hollow, "solid"), verdict_words[v] || v);
    }));
    restyled.verdicts = key, key();
    plot(find(".chart"), "change of time of each configuration", verdict_chart(findings, threshold, columns));
    fill_table(find("details"), () => verdict_table(findings, columns));
  };
  if (sides.length > 1) find(".filters").append(choice("file", sides.map(side => short_path(side.name)), show));
  restyled.push(() => restyled.verdicts());
  show(0);
  return true;
};
