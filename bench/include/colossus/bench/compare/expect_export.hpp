// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/compare/expect_words.hpp>
#include <colossus/bench/compare/fields.hpp>

namespace colossus::bench::compare {

namespace detail {

/// The figures of an answer by name, to full precision; empty where there is none.
inline field_list figures_of(const answer& a) {
  const bool has = a.why_not.empty();
  const row& x = a.expected;
  const auto word = [&](const char* name, const std::string& value) { return field{name, has ? value : "", true}; };
  return {{"verdict", std::string{name_of(a.said)}, true},
          {"why_not", a.why_not, true},
          {"fraction_of_expected", has ? to_text(a.fraction()) : ""},
          {"fraction_of_light", has ? to_text(a.fraction_of_light()) : ""},
          {"measured_time_us", to_text(a.of->of.time_us)},
          {"measured_busbw_GBps", to_text(a.of->of.busbw_GBps)},
          {"measured_launches", std::to_string(a.of->launches)},
          {"expected_time_us", has ? to_text(x.time_us) : ""},
          {"expected_sol_us", has ? to_text(x.sol_us) : ""},
          word("expected_algorithm", x.algorithm),
          word("expected_routing", x.routing),
          word("expected_placement", x.placement),
          word("expected_profile", x.profile),
          word("expected_price_kind", x.price_kind),
          word("limit", x.limit),
          word("limit_link", x.limit_link)};
}

inline field_list key_of(const row& of) {
  field_list key;
  for (const column& c : columns)
    if (c.key) key.push_back(field_of(c, text_of(of, c)));
  return key;
}

}  // namespace detail

/// One record for each answer: the key, and the figures.
inline void write_csv(const expectations& e, std::ostream& out) {
  bool is_first = true;
  for (const answer& a : e.answers) {
    field_list all = detail::key_of(a.of->of);
    for (field& more : detail::figures_of(a)) all.push_back(std::move(more));
    write_record(out, all, std::exchange(is_first, false));
  }
}

/// One object: what is expected, the sentences, and a list of answers, one on a line.
inline void write_json(const expectations& e, const std::vector<std::vector<answer*>>& sweeps,
                       const topologies::topology_file* file, std::ostream& out) {
  nlohmann::ordered_json head{{"schema", 1},
                              {"kind", e.is_bound ? "bound" : "expected"},
                              {"least", e.least},
                              {"about", e.about},
                              {"assumed", e.assumed}};
  head["sentences"] = nlohmann::ordered_json::array();
  for (const auto& sweep : sweeps)
    for (const size_range& r : ranges_of(sweep)) {
      std::string key;
      append_object(key, detail::key_of(r.first().of->of));
      head["sentences"].push_back({{"key", nlohmann::ordered_json::parse(key)},
                                   {"verdict", name_of(r.said())},
                                   {"text", sentence(r, e, file)}});
    }
  json_list answers{out, head, "answers"};
  for (const answer& a : e.answers) answers.add(detail::key_of(a.of->of), detail::figures_of(a));
}

}  // namespace colossus::bench::compare
