// One value chosen of each column that has several.

const preferred = {collective: "all_reduce", routing: "adaptive", placement: "packed", scenario: "healthy", in_place: "0"};
const names = {
  ranks: "GPUs or ranks", topology: "fabric", in_place: "in place", dtype: "type", redop: "operation",
  queue_pairs: "queue pairs", chunk_bytes: "chunk",
};
const always_said = ["collective", "ranks", "topology"];
const said = (name, value) => {
  if (name === "in_place") return value === "1" ? "yes" : "no";
  if (name === "source") return source_word(value);
  return name === "ranks" || name === "nodes" ? in_count(value) : name === "bytes" || name === "chunk_bytes" ? in_bytes(value) : value;
};

// The number of ranks where most can be seen: measured and predicted, else all of the first fabric.
const telling_ranks = (values, list) => {
  const first = text_of("topology", list[0]);
  const score = value => {
    const of = list.filter(row => text_of("ranks", row) === value);
    const alike = [...grouped_by(of, row => text_of("dtype", row)).values()];
    const sources = Math.max(...alike.map(some => grouped_by(some, row => text_of("source", row)).size));
    return [sources, of.some(row => text_of("topology", row) === first) ? 1 : 0, Number(value)];
  };
  const better = (a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
  return values.map(value => [value, score(value)]).sort((a, b) => better(b[1], a[1]))[0][0];
};

const default_of = (name, values, list, wanted = {}) => {
  for (const value of [wanted[name], preferred[name]]) if (values.includes(value)) return value;
  return name === "ranks" ? telling_ranks(values, list) : values[0];
};

// Boxes in `place`, one for each of `columns`; `changed` is told the rows that are left. A column that holds one value
// among what those before it leave cannot be chosen, one that holds none is left out.
const filters = (place, columns, list, changed, wanted = {}) => {
  const picked = {};
  const label = (name, inner) => element("label", {}, element("span", {}, names[name] || name.replace(/_/g, " ")), inner);
  const box = (name, values) => {
    const options = values.map(value => {
      const option = element("option", {value}, said(name, value));
      option.selected = value === picked[name];
      return option;
    });
    const choose = event => { picked[name] = event.target.value; update(); };
    return label(name, element("select", {name, onchange: choose}, ...options));
  };
  const update = () => {
    const focus = place.contains(document.activeElement) ? document.activeElement.name : "";
    let left = list;
    const boxes = [];
    for (const name of columns) {
      const values = in_order([...grouped_by(left, row => text_of(name, row)).keys()].filter(value => value !== ""));
      if (!values.length) continue;
      const keep = values.includes(picked[name]) ? picked[name] : default_of(name, values, left, wanted);
      if (values.length > 1) picked[name] = keep, boxes.push(box(name, values));
      else if (always_said.includes(name)) boxes.push(label(name, element("output", {}, said(name, keep))));
      left = left.filter(row => matches(name, keep, row));
    }
    place.replaceChildren(...boxes);
    if (focus) place.querySelector(`[name="${focus}"]`)?.focus();
    changed(left);
  };
  update();
};
