// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/compare/print.hpp>

namespace colossus::bench::compare {

namespace detail {

/// The figures of one finding by name, to full precision; empty where there is none.
inline std::vector<std::pair<std::string, std::string>> figures_of(const result& r, const finding& f) {
  const bool ok = f.said != verdict::not_ok, tested = ok && f.by_chance;
  const auto text = [](bool has, double value) { return has ? to_text(value) : std::string{}; };
  const bool few = tested && f.said == verdict::unclear && has_too_few(f, r.tally.tests, r.how);
  return {{"verdict", std::string{name_of(f.said)}},
          {"status", ok ? "ok" : trouble(r, f)},
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

/// The columns of the key and what a configuration holds there.
inline std::vector<std::pair<std::string, std::string>> key_of(const side& of, const record& r) {
  const source_file& file = *of.from->file;
  const auto fields = file.fields_at(r.offset);
  std::vector<std::pair<std::string, std::string>> found;
  for (const key_column& k : of.from->key) found.emplace_back(naming::name(k), file.value(fields, k.column));
  return found;
}

/// A number where the text is one and no column of text says otherwise: a hash such as 12e4 is none.
inline nlohmann::ordered_json json_value(const std::string& name, const std::string& text) {
  const auto* const c =
      std::find_if(columns.begin(), columns.end(), [&](const column& each) { return each.name == name; });
  if (c != columns.end() && std::holds_alternative<std::string row::*>(c->member)) return text;
  if (const auto whole = to_number<std::int64_t>(text)) return *whole;
  if (const auto number = to_number<double>(text)) return *number;
  return text;
}

inline nlohmann::ordered_json json_object(const std::vector<std::pair<std::string, std::string>>& fields) {
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  for (const auto& [name, value] : fields)
    if (!value.empty()) object[name] = json_value(name, value);
  return object;
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
  head["environment_unknown"] = r.around.unknown, head["matches_any"] = r.all.matched;
  for (const verdict v : {verdict::slower, verdict::faster, verdict::same, verdict::unclear, verdict::not_ok})
    head["count"][std::string{name_of(v)}] = r.tally.of(v);
  return head;
}

}  // namespace detail

/// One record for each configuration and side: what it is compared with, the key, the figures. The notes are left out.
inline void write_csv(const result& r, std::ostream& out) {
  const side& base = r.all.sides.front();
  bool is_first = true;
  for (const finding& f : r.found.findings) {
    std::vector<std::pair<std::string, std::string>> all{{"base", base.name}, {"new", r.all.sides[f.side].name}};
    for (auto& more : {detail::key_of(base, *f.base), detail::figures_of(r, f)})
      all.insert(all.end(), more.begin(), more.end());
    std::string names, values;
    for (const auto& [name, value] : all) {
      names += (names.empty() ? "" : ",") + name;
      values += (&name == &all.front().first ? "" : ",") + csv_field(value);
    }
    if (std::exchange(is_first, false)) out << names << '\n';
    out << values << '\n';
  }
}

/// One object: the notes, and a list of findings, one on a line.
inline void write_json(const result& r, std::ostream& out) {
  const auto text = [](const nlohmann::ordered_json& j) {
    return j.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  };
  std::string head = text(detail::json_head(r, naming{r}));
  head.pop_back();
  out << head << ",\"findings\":[";
  const char* between = "\n";
  for (const finding& f : r.found.findings) {
    nlohmann::ordered_json one{{"new", r.all.sides[f.side].name},
                               {"key", detail::json_object(detail::key_of(r.all.sides.front(), *f.base))}};
    one.update(detail::json_object(detail::figures_of(r, f)));
    out << std::exchange(between, ",\n") << text(one);
  }
  out << "\n]}\n";
}

}  // namespace colossus::bench::compare
