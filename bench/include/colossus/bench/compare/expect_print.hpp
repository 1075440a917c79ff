// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/compare/expect_words.hpp>
#include <colossus/bench/compare/print.hpp>

#include <sstream>

namespace colossus::bench::compare {

/// The answers as a table with sentences above it, in text or Markdown; or as CSV or JSON, to full precision.
class expect_printer {
 public:
  expect_printer(const expectations& e, const topologies::topology_file* file, std::ostream& out, bool markdown)
      : e_{&e}, file_{file}, out_{&out}, markdown_{markdown} {
    for (const column& c : columns)
      if (c.key && c.name != "count" && c.name != "routing" && varies(c)) shown_.push_back(&c);
    routing_ = routings() > 1;
  }

  void operator()(const std::vector<std::vector<answer*>>& sweeps) const {
    for (const std::string& line : e_->about) note(line);
    for (const std::string& line : e_->assumed) note(line);
    for (const std::string& line : not_priced()) note(line);
    for (const auto& sweep : sweeps) {
      note(markdown_ ? "**" + title({sweep.begin(), sweep.end()}) + "**"
                     : "\n# " + title({sweep.begin(), sweep.end()}));
      for (const size_range& r : ranges_of(sweep)) wrapped(sentence(r, *e_, file_));
    }
    *out_ << (markdown_ ? "\n" : "#\n");
    line(head());
    if (markdown_) rule();
    for (const answer& a : e_->answers)
      if (a.why_not.empty()) line(cells_of(a));
    *out_ << (markdown_ ? "\n" : "");
    note(counts());
  }

  /// The rows that nothing is expected of, by reason.
  std::vector<std::string> not_priced() const {
    std::map<std::string, std::pair<std::size_t, const answer*>> reasons;
    for (const answer& a : e_->answers)
      if (!a.why_not.empty()) {
        auto& [count, example] = reasons.try_emplace(a.why_not, 0, &a).first->second;
        ++count;
      }
    std::vector<std::string> lines;
    for (const auto& [why, found] : reasons)
      lines.push_back("not held against anything: " + std::to_string(found.first) + " (" + why + "), such as " +
                      title({found.second}) + ", " + bytes_for_people(found.second->of->of.bytes.value_or(0)));
    return lines;
  }
  std::string counts() const {
    std::array<std::size_t, 7> count{};
    for (const answer& a : e_->answers) ++count[static_cast<std::size_t>(a.said)];
    std::string text;
    for (std::size_t s = 0; s < count.size(); ++s)
      if (count[s] > 0)
        text += (text.empty() ? "" : ", ") + std::to_string(count[s]) + " " +
                std::string{name_of(static_cast<standing>(s))};
    return text + "; normal is " + detail::whole_percent(e_->least) + "% of the " +
           (e_->is_bound ? "bound" : "expected") + " and more";
  }

 private:
  using cells = std::vector<detail::cell>;

  bool varies(const column& c) const {
    return std::any_of(e_->answers.begin(), e_->answers.end(),
                       [&](const answer& a) { return text_of(a.of->of, c) != text_of(e_->answers.front().of->of, c); });
  }
  std::size_t routings() const {
    std::vector<std::string> seen;
    for (const answer& a : e_->answers)
      if (a.why_not.empty() && std::find(seen.begin(), seen.end(), a.expected.routing) == seen.end())
        seen.push_back(a.expected.routing);
    return seen.size();
  }

  /// Such as "all_reduce float sum, 16 ranks on 2 nodes, nccl, out of place, ecmp".
  std::string title(const std::vector<const answer*>& sweep) const {
    const answer& a = *sweep.front();
    const row& r = a.of->of;
    const bool both = sweep.back()->of->of.in_place != r.in_place;
    std::string text = r.collective;
    for (const std::string& word : {r.dtype, r.redop}) text += word.empty() ? "" : " " + word;
    text += ", " + with_commas(r.ranks.value_or(0)) + " ranks";
    if (r.nodes) text += " on " + with_commas(*r.nodes) + (*r.nodes == 1 ? " node" : " nodes");
    for (const std::string& word : {r.backend, r.algorithm, r.protocol, r.timing})
      text += word.empty() ? "" : ", " + word;
    if (r.in_place) text += both ? ", out of place and in place" : *r.in_place == 1 ? ", in place" : ", out of place";
    return text + (routing_ && !a.expected.routing.empty() ? ", routing " + a.expected.routing : "");
  }
  void note(const std::string& text) const {
    if (markdown_) *out_ << "\n" << text << "\n";
    else *out_ << (text.starts_with('\n') ? "#" : "# ") << text << '\n';
  }
  void wrapped(const std::string& text) const {
    if (markdown_) {
      *out_ << "* " << text << '\n';
      return;
    }
    std::stringstream lines;
    print_wrapped(lines, "  -", text, 4, 98);
    for (std::string line; std::getline(lines, line);) *out_ << "# " << line << '\n';
  }

  void line(const cells& all) const {
    std::string text;
    for (const detail::cell& c : all)
      text += markdown_ ? (text.empty() ? "| " : " | ") + detail::in_markdown(c.text)
                        : (text.empty() ? "" : "  ") + detail::padded(c);
    while (text.ends_with(' ')) text.pop_back();
    *out_ << (markdown_ ? text + " |" : text) << '\n';
  }
  void rule() const {
    for (const detail::cell& c : head()) *out_ << (c.is_right ? "|---:" : "|---");
    *out_ << "|\n";
  }
  cells head() const {
    cells all{{"verdict", 9, false},
              {e_->is_bound ? "of bound" : "of expect.", 10},
              {"of light", 8},
              {"us", 9},
              {"expected", 9},
              {"GB/s", 8},
              {"limit", 11, false},
              {"held against", 14, false},
              {"n", 3}};
    if (routing_) all.push_back({"routing", 8, false});
    for (const column* c : shown_) all.push_back({std::string{c->name}, widest(*c), false});
    return all;
  }
  cells cells_of(const answer& a) const {
    const auto percent = [](double share) { return bench::detail::format("%.1f%%", 100 * share); };
    const real light = a.fraction_of_light();
    cells all{{std::string{name_of(a.said)}, 9, false},
              {percent(a.fraction()), 10},
              {light ? percent(*light) : "-", 8},
              {bench::detail::figure(a.of->of.time_us, 0), 9},
              {bench::detail::figure(a.expected.time_us, 0), 9},
              {bench::detail::figure(a.of->of.busbw_GBps, 0), 8},
              {a.expected.limit.empty() ? "-" : a.expected.limit, 11, false},
              {a.expected.algorithm, 14, false},
              {std::to_string(a.of->launches), 3}};
    if (routing_) all.push_back({a.expected.routing, 8, false});
    for (const column* c : shown_) all.push_back({text_of(a.of->of, *c), widest(*c), false});
    return all;
  }
  std::size_t widest(const column& c) const {
    std::size_t width = c.name.size();
    for (const answer& a : e_->answers) width = std::max(width, text_of(a.of->of, c).size());
    return width;
  }

  const expectations* e_;
  const topologies::topology_file* file_;
  std::ostream* out_;
  bool markdown_, routing_ = false;
  std::vector<const column*> shown_;
};

}  // namespace colossus::bench::compare
