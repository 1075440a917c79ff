// Numbers as people write them.

const digits = (value, n = 3) => {
  if (value === null || !Number.isFinite(value)) return "";
  if (value === 0) return "0";
  const whole = Math.floor(Math.log10(Math.abs(value))) + 1;
  if (whole > 6 || whole < -4) return value.toExponential(n - 1);
  return value.toLocaleString("en", {maximumFractionDigits: Math.max(0, n - whole), useGrouping: true});
};

const scaled = (value, units, step) => {
  let i = 0;
  while (i + 1 < units.length && Math.abs(value) >= step * 0.9995) value /= step, ++i;
  return digits(value) + " " + units[i];
};

const in_bytes = bytes => scaled(bytes, ["B", "KiB", "MiB", "GiB", "TiB"], 1024);
const in_time = us => us > 0 && us < 1 ? digits(us * 1e3) + " ns" : scaled(us, ["µs", "ms", "s"], 1000);
const in_rate = GBps => digits(GBps) + " GB/s";
const in_percent = share => digits(100 * share, share < 0.0995 ? 2 : 3) + "%";
const in_change = share => (share > 0 ? "+" : "") + in_percent(share).replace("-", "\u2212");
const in_count = n => Number(n).toLocaleString("en");

const short_path = path => String(path).split("/").slice(-2).join("/");

const element = (name, attributes = {}, ...inner) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value);
  made.append(...inner);
  return made;
};

// Plotly reads labels as a little HTML: names of files and algorithms mean themselves.
const as_label = text => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

// What an algorithm's name says of its parts may break over lines.
const with_breaks = text => {
  const parts = String(text).split(/(?<=[:+_/=])/);
  return parts.flatMap((part, i) => i ? [element("wbr"), part] : [part]);
};
