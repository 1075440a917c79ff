// The configurations of all files, column by column.

const report = JSON.parse(document.getElementById("data").textContent);

const unpacked = (text, type) => {
  const raw = atob(text), bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; ++i) bytes[i] = raw.charCodeAt(i);
  return new type(bytes.buffer);
};

const rows = (() => {
  const from = report.rows, texts = {}, figures = {};
  const types = {1: Uint8Array, 2: Uint16Array, 4: Uint32Array};
  for (const [name, column] of Object.entries(from.texts))
    texts[name] = {values: column.values, codes: unpacked(column.codes, types[column.size])};
  for (const [name, packed] of Object.entries(from.figures)) figures[name] = unpacked(packed, Float32Array);
  const every = Array.from({length: from.length}, (_, row) => row);
  return {length: from.length, chosen: from.chosen, drawn: from.drawn, texts, figures, every};
})();

const text_of = (name, row) => {
  const column = rows.texts[name];
  return column ? column.values[column.codes[row]] : "";
};
const figure_of = (name, row) => rows.figures[name][row];
const bytes_of = row => Number(text_of("bytes", row));
const time_of = row => figure_of("time_us", row);

// An empty value of a key matches any, as it does for colossus-compare.
const matches = (name, value, row) => {
  const own = text_of(name, row);
  return own === "" || own === value;
};

// Values as text in the order of numbers where all are some.
const in_order = values => {
  const numbers = values.every(value => value !== "" && Number.isFinite(Number(value)));
  return numbers ? [...values].sort((a, b) => a - b) : values;
};

const grouped_by = (list, key) => {
  const groups = new Map();
  for (const each of list) {
    const name = key(each);
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(each);
  }
  return groups;
};

const is_priced = row => text_of("source", row) === "simulated";
const source_word = source => source === "simulated" ? "predicted" : source;

// Of rows at one size and number of ranks: the fastest first.
const fastest_first = list => [...list].sort((a, b) => time_of(a) - time_of(b));
