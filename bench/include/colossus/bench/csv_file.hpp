// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/csv.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace colossus::bench {

/// How many bytes of a table are whole lines; what follows was cut off while it was written.
inline std::size_t whole_lines(std::string_view text) {
  std::size_t whole = 0;
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    quoted ^= text[at] == '"';
    if (text[at] == '\n' && !quoted) whole = at + 1;
  }
  return whole;
}

/// A table that is written line by line: whoever reads it, or kills us, finds whole lines only.
class csv_file {
 public:
  /// Makes `path`, which must not be there yet; with `append` goes on with one that has the same header. "-" is stdout.
  csv_file(const std::string& path, bool append, std::string header = csv_header())
      : csv_file{path, append ? 0 : O_EXCL, LOCK_SH, std::move(header)} {
    if (!continues()) write(header_);
  }

  /// Opens a file of rows to go on with, or makes it. Throws (usage) while another program writes to it. What it holds
  /// is to be read after that, and `keep_first` to be told how much of it is whole.
  static csv_file resumed(const std::string& path) { return {path, 0, LOCK_EX, csv_header()}; }

  /// Cuts off what is behind the first `whole` bytes.
  void keep_first(std::size_t whole) {
    if (::ftruncate(descriptor_, static_cast<off_t>(whole)) != 0)
      throw error{path_ + ": its last line, which is not whole, cannot be cut off: " + std::strerror(errno)};
    if (whole == 0) write(header_);
  }

  csv_file(csv_file&& other) noexcept
      : descriptor_{std::exchange(other.descriptor_, -1)},
        path_{std::move(other.path_)},
        header_{std::move(other.header_)} {}
  csv_file& operator=(csv_file&&) = delete;
  ~csv_file() {
    if (descriptor_ > STDERR_FILENO) ::close(descriptor_);
  }

  void write(const row& of) { write(csv_line(of)); }
  /// In one call of the system, so that the line is there as a whole or not at all.
  void write(const std::string& line) {
    for (std::size_t done = 0; done < line.size();) {
      const auto n = ::write(descriptor_, line.data() + done, line.size() - done);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) throw error{path_ + ": a row was not written: " + std::strerror(errno), failure::broke};
      done += static_cast<std::size_t>(n);
    }
  }
  const std::string& path() const { return path_; }

 private:
  /// Holds a lock while it is open: several programs may append, one alone may resume.
  csv_file(const std::string& path, int how, int lock, std::string header) : path_{path}, header_{std::move(header)} {
    if (path == "-") descriptor_ = STDOUT_FILENO;
    else descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | how, 0666);
    if (const int why = errno; descriptor_ < 0)
      throw error{why == EEXIST ? path + " is there already: add to it with --append, or name another file"
                                : path + ": expected a file that can be written: " + std::strerror(why)};
    if (path == "-" || ::flock(descriptor_, lock | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
    ::close(std::exchange(descriptor_, -1));
    throw error{path + ": another program is writing to it: wait until it has ended, or name another file"};
  }

  /// True where the file has rows already, which then must be ours and whole.
  bool continues() const {
    const auto length = path_ == "-" ? 0 : ::lseek(descriptor_, 0, SEEK_END);
    if (length <= 0) return false;
    const std::string text = file_text(path_);
    expects(text.starts_with(header_), path_ + ": --append expects the header of schema 1 in line 1, found another");
    expects(text.ends_with('\n'),
            path_ + ": --append expects whole lines, found one without an end: delete the last line");
    return true;
  }

  int descriptor_ = -1;
  std::string path_, header_;
};

}  // namespace colossus::bench
