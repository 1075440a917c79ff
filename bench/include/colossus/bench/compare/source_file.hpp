// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/compare/read_rows.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace colossus::bench::compare {

/// The whole text of a file, in place where the system can map it. Throws (input) where it cannot be read.
class file_view {
 public:
  explicit file_view(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat about {};
    if (descriptor >= 0 && ::fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0) {
      size_ = static_cast<std::size_t>(about.st_size);
      mapped_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor, 0);
    }
    if (descriptor >= 0) ::close(descriptor);
    if (mapped_ == MAP_FAILED) text_ = file_text(path);  // a pipe, or nothing that can be read: which throws
  }
  struct of_text {};
  file_view(of_text, std::string text) : text_{std::move(text)} {}
  file_view(file_view&& other) noexcept
      : mapped_{std::exchange(other.mapped_, MAP_FAILED)}, size_{other.size_}, text_{std::move(other.text_)} {}
  file_view& operator=(file_view&& other) noexcept {
    std::swap(mapped_, other.mapped_), std::swap(size_, other.size_), std::swap(text_, other.text_);
    return *this;
  }
  ~file_view() {
    if (mapped_ != MAP_FAILED) ::munmap(mapped_, size_);
  }
  std::string_view text() const {
    return mapped_ == MAP_FAILED ? std::string_view{text_} : std::string_view{static_cast<const char*>(mapped_), size_};
  }

 private:
  void* mapped_ = MAP_FAILED;
  std::size_t size_ = 0;
  std::string text_;
};

/// Takes the next record off the front of `text`: its fields as they stand, in their quotes. False where there is none.
inline bool take_fields(std::string_view& text, std::vector<std::string_view>& fields) {
  fields.clear();
  if (text.empty()) return false;
  const char *at = text.data(), *const end = at + text.size();
  for (bool more = true; more; ++at) {
    const char* const first = at;
    if (at != end && *at == '"')
      for (bool quoted = true; ++at != end && (quoted || (*at != ',' && *at != '\n'));) quoted ^= *at == '"';
    else
      while (at != end && *at != ',' && *at != '\n') ++at;
    more = at != end && *at == ',';
    fields.emplace_back(first, static_cast<std::size_t>(at - first));
    if (at == end) break;
  }
  if (fields.back().ends_with('\r')) fields.back().remove_suffix(1);
  text.remove_prefix(static_cast<std::size_t>(at - text.data()));
  return true;
}

/// What a field holds, without its quotes.
inline std::string plain(std::string_view field) {
  if (!field.starts_with('"')) return std::string{field};
  std::vector<std::string> fields;
  csv_record(field, fields);
  return fields.at(0);
}

/// A file of rows, unread but for its header. Results in the formats of other tools are read, and become such a file.
class source_file {
 public:
  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

  /// Throws (input) where the file cannot be read, or is of no known format.
  explicit source_file(const std::string& path) : path_{path}, view_{path} {
    std::vector<std::string> names = read_header();
    if (!are_ours(names)) {
      const imported foreign = read_rows_of(path, view_.text());
      about_ = foreign.format + ", " + std::to_string(foreign.rows.size()) + " rows";
      for (const std::string& warning : foreign.warnings) about_ += "; " + warning;
      view_ = file_view{file_view::of_text{}, rows_text(foreign.rows)};
      names = read_header();
    }
    for (const column& c : columns) {
      const auto found = std::find(names.begin(), names.end(), c.name);
      places_.push_back(found == names.end() ? nowhere : static_cast<std::size_t>(found - names.begin()));
    }
  }
  /// What there is to say of a file in another tool's format; empty of others.
  const std::string& about() const { return about_; }
  const std::string& path() const { return path_; }
  std::string_view rows() const { return view_.text().substr(begin_); }
  std::size_t fields() const { return fields_; }

  /// Which field holds a column of the schema, by its place there.
  std::size_t place(std::size_t of_column) const { return places_[of_column]; }
  std::size_t place(std::string_view name) const {
    const auto* const c =
        std::find_if(columns.begin(), columns.end(), [&](const column& each) { return each.name == name; });
    return places_[static_cast<std::size_t>(c - columns.begin())];
  }

  /// The fields of the row that begins so many bytes behind the header.
  std::vector<std::string_view> fields_at(std::size_t offset) const {
    std::string_view text = rows().substr(offset);
    std::vector<std::string_view> fields;
    fields.reserve(fields_);
    take_fields(text, fields);
    return fields;
  }
  /// What the row there holds in a column; empty where the file has no such column.
  std::string value(const std::vector<std::string_view>& fields, std::size_t of_column) const {
    return place(of_column) == nowhere ? std::string{} : plain(fields[place(of_column)]);
  }
  /// Refuses the row there if it is of another schema.
  void expect_schema(std::string_view found, std::size_t offset) const {
    if (found.empty() || found == "1" || found == "\"1\"") return;
    throw error{where(offset) + ": expected a row of schema 1, found '" + plain(found) + "'", failure::input};
  }
  /// Where the row is, for people: NAME: line 12.
  std::string where(std::size_t offset) const {
    const std::string_view before = view_.text().substr(0, begin_ + offset);
    return path_ + ": line " + std::to_string(1 + std::count(before.begin(), before.end(), '\n'));
  }

 private:
  std::vector<std::string> read_header() {
    std::string_view text = view_.text();
    std::vector<std::string_view> fields;
    take_fields(text, fields);
    fields_ = fields.size(), begin_ = view_.text().size() - text.size();
    std::vector<std::string> names;
    for (const std::string_view name : fields) names.push_back(name.size() < 200 ? plain(name) : std::string{});
    return names;
  }

  std::string path_, about_;
  file_view view_;
  std::size_t fields_ = 0, begin_ = 0;
  std::vector<std::size_t> places_;  // of each column of the schema among the fields
};

}  // namespace colossus::bench::compare
