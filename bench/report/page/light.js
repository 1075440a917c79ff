// How near the fastest algorithm comes to the speed of light on each fabric.

const shades = [[0, "#00224e"], [0.25, "#3b496c"], [0.5, "#7d7c78"], [0.75, "#bbaf6d"], [1, "#fee838"]];  // cividis

// The rows of the largest part of each fabric that was priced, by fabric.
const largest_parts = list => [...grouped_by(list, row => text_of("topology", row))].map(([name, of]) => {
  const ranks = Math.max(...new Set(of.map(row => Number(text_of("ranks", row)))));
  return {name, ranks, cells: cells_of(of.filter(row => Number(text_of("ranks", row)) === ranks))};
});
const share_at = (fabric, bin) => {
  const of = fabric.cells.get(fabric.ranks + "|" + bin);
  return of ? figure_of("sol_us", of[0]) / time_of(of[0]) : null;
};
const share_hover = (fabric, bin) => {
  const [row] = fabric.cells.get(fabric.ranks + "|" + bin);
  return `<b>${as_label(fabric.name)}</b>, ${in_count(fabric.ranks)} GPUs, ${in_bytes(bytes_of(row))}<br>` +
    `${in_percent(share_at(fabric, bin))}: ${as_label(text_of("algorithm", row))}, ${in_time(time_of(row))}<br>limited by ${as_label(text_of("limit", row))}`;
};

const light_chart = (fabrics, bins) => () => {
  const grid = make => fabrics.map(fabric => bins.map(bin => share_at(fabric, bin) === null ? null : make(fabric, bin)));
  const ticks = some_of(bins, is_narrow() ? 4 : 9);
  const y = fabrics.map((_, i) => i);
  const short = name => is_narrow() && name.length > 16 ? name.slice(0, 15) + "\u2026" : name;
  return {traces: [{type: "heatmap", x: bins.map((_, i) => i), y, z: grid(share_at), text: grid(share_hover), zmin: 0, zmax: 1, xgap: 1, ygap: 1,
                    colorscale: shades, hovertemplate: "%{text}<extra></extra>", hoverongaps: false,
                    colorbar: {tickformat: ".0%", thickness: 12, outlinewidth: 0, len: 1, tickfont: {color: ink("text")}}}],
          layout: layout_of(80 + 22 * Math.max(5, fabrics.length), {
            xaxis: {...base_axis("size"), tickvals: ticks, ticktext: ticks.map(i => in_bytes(2 ** bins[i])), showgrid: false, zeroline: false},
            yaxis: {...base_axis(""), tickvals: y, ticktext: fabrics.map(f => short(as_label(f.name))), autorange: "reversed", showgrid: false, zeroline: false},
          })};
};

const light = section => {
  const priced = rows.every.filter(row => is_priced(row) && figure_of("sol_us", row) > 0);
  if (grouped_by(priced, row => text_of("topology", row)).size < 2) return false;
  const find = name => section.querySelector(name);
  const columns = rows.chosen.filter(name => !["ranks", "topology", "nodes", "topology_id"].includes(name));
  filters(find(".filters"), columns, priced, left => {
    const fabrics = largest_parts(left);
    const bins = [...new Set(left.map(row => bin_of(bytes_of(row))))].sort((a, b) => a - b);
    plot(find(".chart"), "share of the speed of light by fabric and size", light_chart(fabrics, bins));
    fill_table(find("details"), () => ({
      head: ["size", ...fabrics.map(f => `${f.name}, ${in_count(f.ranks)} GPUs`)],
      lines: bins.map(bin => [in_bytes(2 ** bin), ...fabrics.map(f => share_at(f, bin) === null ? "" : in_percent(share_at(f, bin)))]),
    }));
    fill_provenance(find(".provenance"), left);
    fill_badges(section, left);
  });
  return true;
};
