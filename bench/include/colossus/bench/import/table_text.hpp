// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/import/bandwidth.hpp>
#include <colossus/bench/import/units.hpp>

namespace colossus::bench::importing {

/// Reads any CSV: our columns and their usual names by themselves, others as --columns says. Lines "# key: value" above
/// the header (collective, dtype, nranks, nodes, algo) hold for all rows.
class table_text {
 public:
  table_text(std::string path, const import_request& asked) : at_{std::move(path), 1}, asked_{&asked} {
    into_.format = "CSV";
  }

  imported read(std::string_view text) {
    for (; text.starts_with('#'); ++at_.line) {
      const auto end = std::min(text.find('\n'), text.size());
      fact(text.substr(1, end - 1));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    std::vector<std::string> fields;
    const auto next = [&] {
      const std::size_t before = text.size();
      const std::string_view all = text;
      at_.line += std::exchange(lines_, 0);
      if (text.empty()) return false;
      csv_record(text, fields);
      const std::string_view used = all.substr(0, before - text.size());
      lines_ = static_cast<std::size_t>(std::count(used.begin(), used.end(), '\n'));
      return true;
    };
    if (!next()) refuse(at_, "expected a header, found the end of the file");
    header(fields);
    while (next())
      if (fields.size() > 1 || !fields[0].empty()) add_row(fields);
    if (into_.rows.empty()) refuse(at_, "expected rows below the header, found none");
    check_.tell(into_);
    return std::move(into_);
  }

 private:
  struct field {
    std::size_t index;
    const column* ours;
    quantity of;
    unit in;
    std::string name;
  };

  /// Of "int32 (PICO default; uncertain)" the first word; of algorithms, "auto" says nothing.
  void fact(std::string_view line) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return;
    const column* const c = column_named(trimmed(line.substr(0, colon)));
    const auto words = words_of(line.substr(colon + 1));
    if (!c || words.empty() || c->name == "source" || words[0] == "auto") return;
    set(common_, *c, words[0]);
  }

  void header(const std::vector<std::string>& names) {
    for (std::size_t i = 0; i < names.size(); ++i)
      if (const column* const c = ours(names[i])) {
        const quantity of = quantity_of(c->name);
        fields_.push_back({i, c, of, unit_for(of, names[i]), names[i]});
        family_.see(at_, of, fields_.back().in, "column '" + names[i] + "'");
      }
    for (const auto& [mine, theirs] : asked_->columns)
      if (std::find(names.begin(), names.end(), theirs) == names.end())
        refuse(at_,
               "--columns " + mine + "=" + theirs + ": expected a column '" + theirs + "', found " + listed(names));
    const auto has = [&](quantity of) {
      return std::any_of(fields_.begin(), fields_.end(), [&](const field& f) { return f.of == of; });
    };
    if (!has(quantity::size) || !(has(quantity::time) || has(quantity::bandwidth)))
      refuse(at_, "expected a column of sizes and one of times or bandwidths, found " + listed(names) +
                      ": say which they are, as --columns bytes=Size,time_us=Lat");
    width_ = names.size();
  }

  static std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& n : names) text.append(text.empty() ? "'" : ", '").append(n).append("'");
    return text;
  }

  /// With --columns only what it names; otherwise what the names say by themselves.
  const column* ours(const std::string& theirs) const {
    if (asked_->columns.empty()) return column_named(theirs);
    for (const auto& [mine, name] : asked_->columns)
      if (name == theirs) {
        const column* const c = column_named(mine);
        expects(c != nullptr, "--columns " + mine + "=" + name + ": expected one of our columns, found '" + mine + "'");
        return c;
      }
    return nullptr;
  }

  /// As --units says, else the name; our own names say B, us and GB/s.
  unit unit_for(quantity of, const std::string& name) const {
    const auto said = asked_->units.find(name);
    if (said == asked_->units.end()) {
      const unit named = unit_in_name(of, name);
      if (named.scale > 0) return named;
      if (of != quantity::none && (name.ends_with(')') || name.ends_with(']')))
        refuse(at_, "expected a unit that we know in column '" + name + "': say which with --units '" + name + "=us'");
      return {1};
    }
    const unit u = unit_of(of, said->second);
    expects(u.scale > 0, "--units " + name + "=" + said->second +
                             ": expected B, KiB, MB, ... for sizes, ns, us, ms, s for times, GB/s, GiB/s, Gbit/s, ... "
                             "for bandwidths");
    return u;
  }

  void add_row(const std::vector<std::string>& texts) {
    if (texts.size() != width_)
      refuse(at_, "expected " + std::to_string(width_) + " fields, found " + std::to_string(texts.size()));
    row r = common_;
    r.source = "imported";
    measured_figures m;
    std::string_view stat;
    for (const field& f : fields_) {
      const std::string_view text = trimmed(texts[f.index]);
      if (text.empty() || f.ours->name == "source") continue;
      if (f.ours->name == "time_us") m.time_us = scaled(f, text), stat = statistic_in_name(f.name);
      else if (f.ours->name == "algbw_GBps") m.algbw = scaled(f, text);
      else if (f.ours->name == "busbw_GBps") m.busbw = scaled(f, text);
      else if (f.of == quantity::size) r.bytes = size(f, text);
      else if (f.of == quantity::time) set(r, *f.ours, to_text(scaled(f, text).value));
      else set(r, *f.ours, text);
    }
    finish(r, m, stat);
  }

  void finish(row& r, const measured_figures& m, std::string_view stat) {
    give(r, *asked_);
    const foreign_collective* const c = spelled(r.collective);
    if (!c) refuse(at_, "the file says not which collective: say it with --set collective=NAME");
    if (!r.ranks || *r.ranks < 1 || *r.ranks > std::numeric_limits<rank_t>::max())
      refuse(at_, "the file says not how many ranks took part: say it with --set ranks=N");
    if (!r.bytes || *r.bytes < 0) refuse(at_, "expected a size, found none");
    r.collective = c->name;
    set_figures(r, at_, m, *c, r.time_stat.empty() ? std::string{stat} : std::string{r.time_stat}, check_);
    into_.rows.push_back(r);
  }

  shown scaled(const field& f, std::string_view text) const {
    const shown plain = shown_at(at_, "column '" + f.name + "'", text);
    return {plain.value * f.in.scale, plain.half * f.in.scale};
  }

  /// A size may have its unit behind it.
  std::int64_t size(const field& f, std::string_view text) {
    const auto end = std::min(text.find_first_not_of("0123456789.eE+"), text.size());
    const std::string_view name = trimmed(text.substr(end));
    const unit u = name.empty() ? f.in : unit_of(quantity::size, name);
    const std::string where = "'" + std::string{text} + "' in column '" + f.name + "'";
    if (u.scale <= 0) refuse(at_, "expected a size, found " + where);
    family_.see(at_, quantity::size, u, where);
    const double bytes = real_at(at_, "column '" + f.name + "'", trimmed(text.substr(0, end))) * u.scale;
    if (bytes >= 0x1p63 || std::abs(bytes - std::round(bytes)) > 1e-6)
      refuse(at_, "expected a whole number of bytes below 2^63, found " + where);
    return static_cast<std::int64_t>(std::round(bytes));
  }

  void set(row& r, const column& c, std::string_view text) const {
    const std::string value = c.name == "dtype" ? type_of(text).name : std::string{text};
    if (!set_from_text(r, c, value))
      refuse(at_, "expected a number for " + std::string{c.name} + ", found '" + std::string{text} + "'");
  }

  spot at_;
  const import_request* asked_;
  imported into_;
  row common_;
  std::vector<field> fields_;
  one_family family_;
  bandwidth_check check_;
  std::size_t width_ = 0, lines_ = 0;
};

}  // namespace colossus::bench::importing
