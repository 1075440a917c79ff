// Charts by Plotly, in the colours of the page: light, dark or paper.

const charts = new Map();  // what draws each chart again
const is_narrow = () => innerWidth < 600;

const powers = (low, high, most) => {  // of two, as ticks of an axis of sizes
  const first = Math.ceil(Math.log2(low) - 1e-9), last = Math.floor(Math.log2(high) + 1e-9);
  const step = Math.max(1, Math.ceil((last - first + 1) / most));
  return Array.from({length: Math.floor((last - first) / step) + 1}, (_, i) => 2 ** (first + i * step));
};
const decades = (low, high) => {
  const first = Math.floor(Math.log10(low)), last = Math.ceil(Math.log10(high)), step = Math.ceil((last - first + 1) / 8);
  const all = [];
  for (let power = first; power <= last; power += step) all.push(10 ** power);
  return all;
};

const finite = list => list.filter(value => Number.isFinite(value) && value > 0);
const range_of = lists => {
  let low = Infinity, high = 0;
  for (const list of lists) for (const value of finite(list)) low = Math.min(low, value), high = Math.max(high, value);
  return high > 0 ? [low, high] : [1, 1];
};

const base_axis = title => ({
  title: {text: title, standoff: 8}, gridcolor: ink("grid"), linecolor: ink("line"), zerolinecolor: ink("line"),
  tickcolor: ink("line"), ticks: "outside", ticklen: 4, automargin: true, fixedrange: is_narrow(),
});
const size_axis = (low, high) => {
  const ticks = powers(low, high, is_narrow() ? 5 : 10);
  return {...base_axis("size"), type: "log", tickvals: ticks, ticktext: ticks.map(in_bytes),
          range: [Math.log10(low / 1.5), Math.log10(high * 1.5)]};
};
const log_axis = (title, low, high, say) => {
  const ticks = decades(low, high);
  return {...base_axis(title), type: "log", tickvals: ticks, ticktext: ticks.map(say),
          range: [Math.log10(low) - 0.12, Math.log10(high) + 0.12]};
};

const layout_of = (height, more) => ({
  height, autosize: true, margin: {l: is_narrow() ? 48 : 64, r: 12, t: 10, b: 44}, showlegend: false,
  paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", hovermode: "closest",
  dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom",
  font: {family: "system-ui, sans-serif", size: is_narrow() ? 11 : 13, color: ink("text")},
  hoverlabel: {bgcolor: ink("card"), bordercolor: ink("line"), font: {color: ink("text"), size: 13}, align: "left"},
  ...more,
});

// Draws now, and again whenever the colours or the width of the page change. `make` gives traces and layout, or nothing.
const plot = (place, label, make) => {
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", label);
  const draw = () => {
    const {traces, layout} = make();
    Plotly.react(place, traces, layout, {displaylogo: false, responsive: true, displayModeBar: false});
  };
  charts.set(place, draw);
  draw();
};
const draw_all = () => { for (const draw of charts.values()) draw(); };

// Paper is white, as wide as it is, and nothing on it can be opened: all is.
const to_paper = wanted => {
  for_paper = wanted;
  document.documentElement.classList.toggle("paper", wanted);
  for (const each of document.querySelectorAll("details")) {
    if (wanted) each.dataset.was = each.open ? "open" : "";
    each.open = wanted ? each.open || each.classList.contains("print") : each.dataset.was === "open";
  }
  restyle();
};
const restyle = () => {
  for (const listener of restyled) listener();
  draw_all();
};
const restyled = [];

let last_narrow = is_narrow();
addEventListener("resize", () => {
  if (is_narrow() !== last_narrow) last_narrow = is_narrow(), draw_all();
});
dark_wanted.addEventListener("change", restyle);
addEventListener("beforeprint", () => to_paper(true));
addEventListener("afterprint", () => to_paper(false));
