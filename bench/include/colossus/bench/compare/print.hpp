// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/compare/notes.hpp>

#include <ostream>

namespace colossus::bench::compare {

namespace detail {

/// A cell of the table: text, how wide its column is at least, and whether it stands to the right.
struct cell {
  std::string text;
  std::size_t width = 0;
  bool is_right = true;
};

inline std::string padded(const cell& c) {
  const std::string space(c.width > c.text.size() ? c.width - c.text.size() : 0, ' ');
  return c.is_right ? space + c.text : c.text + space;
}

/// Text that a Markdown table keeps in its cell.
inline std::string in_markdown(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, 1, '\\');
  return text;
}

inline std::string time_cell(double us) { return bench::detail::figure(us, 0); }

inline std::string interval_text(const rank_test& t) {
  if (t.low <= 0) return "-";
  return "[" + percent_text(t.low - 1) + ", " + percent_text(t.high - 1) + "]";
}

/// What is not ok about a configuration: the status of its first such row, or that it has no time.
inline std::string trouble(const result& r, const finding& f) {
  const side& of = r.all.sides[f.fresh_launches > 0 ? f.side : 0];
  const record& row = f.fresh_launches > 0 ? *f.fresh : *f.base;
  const source_file& file = *of.from->file;
  const std::size_t place = file.place("status");
  const std::string status = place == source_file::nowhere ? "" : plain(file.fields_at(row.offset)[place]);
  return status.empty() || status == "ok" ? "no time" : status;
}

inline std::string launches_text(const finding& f) {
  return std::to_string(f.base_launches) + ":" + std::to_string(f.fresh_launches);
}

inline std::vector<cell> cells_of_pair(const result& r, const finding& f) {
  if (f.said == verdict::not_ok)
    return {{trouble(r, f), 8, false}, {"", 8}, {"", 18}, {"", 11}, {"", 11}, {"", 9}, {"", 8}, {launches_text(f), 7}};
  return {{std::string{name_of(f.said)}, 8, false},
          {percent_text(f.test.ratio - 1), 8},
          {f.by_chance ? interval_text(f.test) : "model", 18},
          {time_cell(f.base_us), 11},
          {time_cell(f.fresh_us), 11},
          {f.busbw > 0 ? time_cell(f.busbw) : "-", 9},
          {f.by_chance ? bench::detail::format("%.2g", f.adjusted) : "-", 8},
          {launches_text(f), 7}};
}

inline std::vector<cell> head_of_pair() {
  return {{"verdict", 8, false}, {"time", 8},     {"95%", 18},     {"base us", 11},
          {"new us", 11},        {"new GB/s", 9}, {"p (Holm)", 8}, {"n", 7}};
}

}  // namespace detail

/// The verdicts as a table on a terminal, or in Markdown.
class printer {
 public:
  enum class style { text, colour, markdown };
  printer(const result& r, std::ostream& out, style how) : r_{&r}, out_{&out}, how_{how}, names_{r} {}

  void operator()() const {
    notes(notes_before(*r_, names_));
    const bool several = r_->all.sides.size() > 2;
    line(with_names(several ? head_of_several() : detail::head_of_pair()), verdict::same);
    if (how_ == style::markdown) rule(with_names(several ? head_of_several() : detail::head_of_pair()));
    if (several) print_several();
    else
      for (const finding& f : r_->found.findings) line(with_values(detail::cells_of_pair(*r_, f), f), f.said);
    if (how_ == style::markdown) *out_ << '\n';
    notes(notes_behind(*r_));
  }

 private:
  using cells = std::vector<detail::cell>;

  void notes(const std::vector<std::string>& lines) const {
    for (const std::string& text : lines) *out_ << (how_ == style::markdown ? "* " : "# ") << text << '\n';
    if (how_ == style::markdown) *out_ << '\n';
  }
  void line(const cells& all, verdict said) const {
    std::string text;
    for (const detail::cell& c : all)
      text += how_ == style::markdown ? (text.empty() ? "| " : " | ") + detail::in_markdown(c.text)
                                      : (text.empty() ? "" : "  ") + padded(c);
    while (text.ends_with(' ')) text.pop_back();
    *out_ << coloured(how_ == style::markdown ? text + " |" : text, said) << '\n';
  }
  void rule(const cells& all) const {
    for (const detail::cell& c : all) *out_ << (c.is_right ? "|---:" : "|---");
    *out_ << "|\n";
  }
  std::string coloured(const std::string& text, verdict said) const {
    if (how_ != style::colour || said == verdict::same) return text;
    const char* const colour = said == verdict::faster    ? "\x1b[32m"
                               : said == verdict::unclear ? "\x1b[33m"
                                                          : "\x1b[31m";
    return colour + text + "\x1b[0m";
  }
  cells with_names(cells all) const {
    for (const key_column& k : names_.shown()) {
      const std::string name = naming::name(k);
      all.push_back({name, std::max(name.size(), k.widest), false});
    }
    return all;
  }
  cells with_values(cells all, const finding& f) const {
    const auto values = names_.values(r_->all, f);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const key_column& k = names_.shown()[i];
      all.push_back({values[i], std::max(naming::name(k).size(), k.widest), false});
    }
    return all;
  }

  cells head_of_several() const {
    cells all{{"base us", 11}};
    for (std::size_t i = 1; i < r_->all.sides.size(); ++i) {
      const std::string& name = r_->all.sides[i].name;
      all.push_back({name, std::max<std::size_t>(18, name.size()), false});
    }
    return all;
  }
  /// One line for each configuration, with the verdicts of all sides; what is not ok has a line of its own.
  void print_several() const {
    const auto& all = r_->found.findings;
    for (std::size_t i = 0, end = 0; i < all.size(); i = end) {
      while (end < all.size() && all[end].base->offset == all[i].base->offset) ++end;
      std::vector<std::pair<std::vector<std::string>, std::vector<const finding*>>> alike;  // by what they are called
      for (std::size_t k = i; k < end; ++k) {
        const auto values = names_.values(r_->all, all[k]);
        const auto known = std::find_if(alike.begin(), alike.end(), [&](auto& a) { return a.first == values; });
        (known == alike.end() ? alike.emplace_back(values, std::vector<const finding*>{}) : *known)
            .second.push_back(&all[k]);
      }
      for (const auto& [values, findings] : alike) print_line_of(findings);
    }
  }
  void print_line_of(const std::vector<const finding*>& all) const {
    cells good = head_of_several(), bad = good;
    for (cells* each : {&good, &bad})
      for (detail::cell& c : *each) c.text.clear();
    const finding *of_good = nullptr, *of_bad = nullptr;
    verdict worst = verdict::same;
    for (const finding* f : all) {
      if (f->said == verdict::not_ok)
        of_bad = f, bad[f->side].text = detail::trouble(*r_, *f) + " " + detail::launches_text(*f);
      else of_good = f, good[0].text = detail::time_cell(f->base_us), good[f->side].text = word(*f);
      if (f->said == verdict::slower || worst == verdict::same) worst = f->said;
    }
    if (of_good) line(with_values(good, *of_good), worst);
    if (of_bad) line(with_values(bad, *of_bad), verdict::not_ok);
  }
  static std::string word(const finding& f) {
    return std::string{name_of(f.said)} + " " + detail::percent_text(f.test.ratio - 1);
  }

  const result* r_;
  std::ostream* out_;
  style how_;
  naming names_;
};

}  // namespace colossus::bench::compare
