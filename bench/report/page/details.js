// What stands beside every chart: its table, and what kind of figures these are.

// A table that is made when it is opened. `make` gives {head, lines} of texts or elements.
const table_of = ({head, lines}) => {
  const cell = (name, inner, scope) => {
    const made = element(name, scope ? {scope} : {});
    made.append(...(inner instanceof Node ? [inner] : with_breaks(inner ?? "")));
    return made;
  };
  const top = element("tr", {}, ...head.map(inner => cell("th", inner, "col")));
  const body = lines.map(line => element("tr", {}, ...line.map((inner, i) => cell(i ? "td" : "th", inner, i ? "" : "row"))));
  const table = element("table", {}, element("thead", {}, top), element("tbody", {}, ...body));
  return element("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": "table"}, table);
};

const fill_table = (place, make) => {
  const inner = place.querySelector(".inner");
  const fill = () => inner.replaceChildren(table_of(make()));
  place.ontoggle = () => place.open && fill();
  inner.replaceChildren();
  if (place.open) fill();
};
// Before a page is printed its details open, and there is no time to wait for their event.
addEventListener("beforeprint", () => {
  for (const place of document.querySelectorAll("details.print")) if (place.ontoggle) place.ontoggle();
});

const count_words = (list, name) => [...grouped_by(list, row => text_of(name, row))]
  .filter(([value]) => value !== "").map(([value, of]) => `${in_count(of.length)} ${value}`).join(", ");

const assumptions_of = id => {
  const fabric = report.fabrics[id];
  if (!fabric) return {said: "evidence not known (no sidecar)", list: []};
  return {said: fabric.evidence || "evidence not stated", list: fabric.assumptions || []};
};

const fabric_note = (name, id) => {
  const {said, list} = assumptions_of(id);
  const head = [element("strong", {}, name || "fabric"), ": ", element("span", {class: "evidence"}, said)];
  if (!list.length) return element("p", {}, ...head);
  const items = element("ul", {}, ...list.map(each => element("li", {}, each)));
  const count = `, ${list.length} assumption${list.length === 1 ? "" : "s"}`;
  return element("details", {class: "assumed"}, element("summary", {}, ...head, count), items);
};

const fabric_notes = priced => {
  const fabrics = [...grouped_by(priced, row => text_of("topology_id", row))].map(([id, of]) => [text_of("topology", of[0]), id]);
  const notes = fabrics.map(([name, id]) => fabric_note(name, id)), most = 3;
  if (fabrics.length <= most) return notes;
  const evidence = [...grouped_by(fabrics, ([, id]) => assumptions_of(id).said)].map(([word, of]) => `${of.length} ${word}`);
  const head = [element("strong", {}, `${fabrics.length} fabrics`), `: ${evidence.join(", ")}`];
  return [element("details", {class: "assumed"}, element("summary", {}, ...head), ...notes)];
};

const bound_words = priced => [...grouped_by(priced, row => text_of("profile", row)).keys()]
  .map(name => name === "none" || name === "" ? "BOUND" : `profile ${name}`).join(", ");

// On each chart of a section whether it shows predictions.
const fill_badges = (section, list) => {
  const priced = list.filter(is_priced);
  for (const badge of section.querySelectorAll(".badge"))
    badge.textContent = priced.length ? `predicted: ${bound_words(priced)}` : "", badge.hidden = !priced.length;
};

// Says of the priced among `list` what they are: bounds or expected, how priced, and of which fabrics on what evidence.
const fill_provenance = (place, list) => {
  const priced = list.filter(is_priced);
  place.replaceChildren();
  if (!priced.length) return;
  const profiles = [...grouped_by(priced, row => text_of("profile", row)).keys()];
  const words = profiles.map(name => name === "none" || name === "" ? "BOUND, without software overheads" : `expected, profile ${name}`);
  place.append(element("p", {}, element("strong", {}, "Predicted: " + words.join("; ")),
                       `. Prices: ${count_words(priced, "price_kind")}.`));
  place.append(...fabric_notes(priced));
};
