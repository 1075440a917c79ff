// The lines of the charts of a section: each a button that shows or hides it.

const legend = (place, series, hidden, changed) => {
  const button = each => {
    const toggle = () => {
      if (!hidden.delete(each.name)) hidden.add(each.name);
      legend(place, series, hidden, changed);
      changed();
    };
    const made = element("button", {type: "button", "aria-pressed": String(!hidden.has(each.name)), onclick: toggle});
    made.append(swatch(each.mark, each.colour(), each.hollow, each.dash), element("span", {}, ...with_breaks(each.name)));
    return made;
  };
  place.replaceChildren(...series.map(button));
};
