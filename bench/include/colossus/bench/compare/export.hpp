// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/compare/fields.hpp>
#include <colossus/bench/compare/print.hpp>

namespace colossus::bench::compare {

namespace detail {

/// The figures of one finding by name, to full precision; empty where there is none.
inline field_list figures_of(const result& r, const finding& f) {
  const bool ok = f.said != verdict::not_ok, tested = ok && f.by_chance;
  const auto text = [](bool has, double value) { return has ? to_text(value) : std::string{}; };
  const bool few = tested && f.said == verdict::unclear && has_too_few(f, r.tally.tests, r.how);
  return {{"verdict", std::string{name_of(f.said)}, true},
          {"status", ok ? "ok" : trouble(r, f), true},
          {"ratio", text(ok, f.test.ratio)},
          {"ratio_low", text(tested && f.test.low > 0, f.test.low)},
          {"ratio_high", text(tested, f.test.high)},
          {"p", text(tested, f.test.p)},
          {"p_holm", text(tested, f.adjusted)},
          {"base_time_us", text(ok, f.base_us)},
          {"new_time_us", text(ok, f.fresh_us)},
          {"new_busbw_GBps", text(ok && f.busbw > 0, f.busbw)},
          {"base_launches", to_text(f.base_launches)},
          {"new_launches", to_text(f.fresh_launches)},
          {"launches_needed", few ? to_text(r.tally.needed) : ""}};
}

/// The columns of the key and what a configuration holds there: in the base, or where that is empty in the other.
inline field_list key_of(const result& r, const finding& f) {
  const side &base = r.all.sides.front(), &fresh = r.all.sides[f.side];
  const auto mine = base.from->file->fields_at(f.base->offset);
  std::vector<std::string_view> others;
  field_list found;
  found.reserve(base.from->key.size());
  for (const key_column& k : base.from->key) {
    found.push_back(field_of(columns[k.column], base.from->file->value(mine, k.column)));
    if (!found.back().value.empty() || f.base->filled == f.fresh->filled) continue;
    if (others.empty()) others = fresh.from->file->fields_at(f.fresh->offset);
    found.back().value = fresh.from->file->value(others, k.column);
  }
  return found;
}

inline nlohmann::ordered_json json_head(const result& r, const naming& names) {
  using json = nlohmann::ordered_json;
  json head{{"schema", 1}, {"threshold", r.how.threshold}, {"sides", json::array()}, {"tests", r.tally.tests}};
  for (const side& s : r.all.sides) head["sides"].push_back(s.name);
  head["unmatched"] = json::array(), head["environment"] = json::array();
  for (const matches::lonely& l : r.found.unmatched) {
    json examples = json::array();
    for (const record* e : l.examples) examples.push_back(names.text(r.all.sides[l.in], *e));
    head["unmatched"].push_back({{"in", r.all.sides[l.in].name},
                                 {"not_in", r.all.sides[l.not_in].name},
                                 {"keys", l.keys},
                                 {"examples", examples}});
  }
  for (const environment_difference& d : r.around.differences)
    head["environment"].push_back({{"field", d.field}, {"file", d.file}, {"base", d.in_base}, {"new", d.in_file}});
  head["environment_unknown"] = r.around.unknown, head["matches_any"] = r.found.any;
  head["left_out"] = r.all.left_out;
  for (const verdict v : {verdict::slower, verdict::faster, verdict::same, verdict::unclear, verdict::not_ok})
    head["count"][std::string{name_of(v)}] = r.tally.of(v);
  return head;
}

}  // namespace detail

/// One record for each configuration and side: what is compared, the key, the figures. The notes are left out.
inline void write_csv(const result& r, std::ostream& out) {
  bool is_first = true;
  for (const finding& f : r.found.findings) {
    field_list all{{"base", r.all.sides.front().name, true}, {"new", r.all.sides[f.side].name, true}};
    for (auto& more : {detail::key_of(r, f), detail::figures_of(r, f)}) all.insert(all.end(), more.begin(), more.end());
    write_record(out, all, std::exchange(is_first, false));
  }
}

/// One object: the notes, and a list of findings, one on a line.
inline void write_json(const result& r, std::ostream& out) {
  json_list findings{out, detail::json_head(r, naming{r}), "findings"};
  for (const finding& f : r.found.findings) {
    field_list figures{{"new", r.all.sides[f.side].name, true}};
    for (field& more : detail::figures_of(r, f)) figures.push_back(std::move(more));
    findings.add(detail::key_of(r, f), figures);
  }
}

}  // namespace colossus::bench::compare
