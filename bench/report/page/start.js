// Fills the sections; one that has nothing to show goes.

for (const [name, fill] of Object.entries({curves, crossover, light, ecmp, pairs, verdicts})) {
  const section = document.getElementById(name);
  if (!fill(section)) {
    section.remove();
    document.querySelector(`nav a[href="#${name}"]`)?.remove();
  }
}
document.documentElement.dataset.charts = charts.size;
