// Colours, marks and strokes. An algorithm has one colour and one mark on the whole page; either alone tells it.

const palettes = {  // after Okabe and Ito, each with contrast enough on its background
  light: ["#0068a8", "#c4500a", "#008060", "#a8457f", "#8a6a00", "#2f8fc4", "#6a4fb0", "#7a4a1e", "#4c5560", "#b0303a"],
  dark: ["#5bb4ee", "#ff9a5c", "#3ccfa8", "#ee9fce", "#e8c04a", "#a5d8f6", "#b9a4f2", "#d6a97c", "#c2cad2", "#ff8a8f"],
};
const marks = ["circle", "square", "diamond", "triangle-up", "cross", "x", "triangle-down", "star", "pentagon", "hexagon"];
const strokes = {simulated: ["dash", "dot", "longdash"], other: ["solid", "dashdot", "longdashdot"]};

const dark_wanted = matchMedia("(prefers-color-scheme: dark)");
let for_paper = false;
const is_dark = () => dark_wanted.matches && !for_paper;
const palette = () => palettes[is_dark() ? "dark" : "light"];
const ink = name => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();

const algorithms = rows.texts.algorithm ? rows.texts.algorithm.values : [""];
const order_of = algorithm => algorithm ? algorithms.indexOf(algorithm) - 1 : algorithms.length - 1;
const colour_of = algorithm => algorithm ? palette()[order_of(algorithm) % palette().length] : ink("quiet");
const mark_of = algorithm => marks[order_of(algorithm) % marks.length];

// The mark as the path of a 12 x 12 picture.
const polygon = (corners, turn, inner = 1) => Array.from({length: inner < 1 ? 2 * corners : corners}, (_, i) => {
  const radius = inner < 1 && i % 2 ? 5 * inner : 5, angle = turn + 2 * Math.PI * i / (inner < 1 ? 2 * corners : corners);
  return `${(6 + radius * Math.sin(angle)).toFixed(2)},${(6 - radius * Math.cos(angle)).toFixed(2)}`;
}).join("L");
const outlines = {
  circle: "M1.5,6a4.5,4.5 0 1,0 9,0a4.5,4.5 0 1,0 -9,0", square: "M2,2H10V10H2", diamond: "M" + polygon(4, 0),
  "triangle-up": "M" + polygon(3, 0), "triangle-down": "M" + polygon(3, Math.PI), star: "M" + polygon(5, 0, 0.45),
  pentagon: "M" + polygon(5, 0), hexagon: "M" + polygon(6, 0), cross: "M4.5,1H7.5V4.5H11V7.5H7.5V11H4.5V7.5H1V4.5H4.5",
  x: "M1.5,3.6L3.6,1.5L6,3.9L8.4,1.5L10.5,3.6L8.1,6L10.5,8.4L8.4,10.5L6,8.1L3.6,10.5L1.5,8.4L3.9,6",
};
const swatch = (mark, colour, hollow, dash) => {
  const gaps = {solid: "", dash: "4 3", dot: "1.5 2.5", longdash: "7 3", dashdot: "5 2 1.5 2", longdashdot: "7 2 1.5 2"};
  const holder = element("span", {class: "swatch", "aria-hidden": "true"});
  holder.innerHTML = `<svg viewBox="0 0 30 12"><path d="M0,6H30" stroke="${colour}" stroke-width="2" fill="none"
    stroke-dasharray="${gaps[dash]}"/><path transform="translate(9 0)" d="${outlines[mark]}Z" stroke="${colour}"
    stroke-width="1.4" fill="${hollow ? "var(--card)" : colour}"/></svg>`;
  return holder;
};
