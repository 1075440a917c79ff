// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/error.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace colossus::bench {

/// The processes of one run, whatever started them. Every member but `rank`, `size`, `way` and `abort` is called by all
/// processes in the same order, by one thread of each.
class process_group {
 public:
  process_group() = default;
  process_group(const process_group&) = delete;
  process_group& operator=(const process_group&) = delete;
  virtual ~process_group() = default;

  virtual int rank() const = 0;
  virtual int size() const = 0;
  /// How the processes found each other: alone, mpi, tcp or file.
  virtual std::string way() const = 0;
  /// What all have to say, in the order of ranks. All say equally much, which may be nothing. Throws (broke) at the
  /// group's deadline, or when another aborts, and names who is missing or why.
  virtual std::vector<std::byte> all_gather(std::span<const std::byte> mine) = 0;
  /// Ends what the others wait for with the same reason, as far as they can be reached. To be called by a process that
  /// ends earlier than the others. The group is of no use afterwards.
  virtual void abort(const std::string& why) noexcept = 0;
};

/// A process that nobody else belongs to.
class alone final : public process_group {
 public:
  int rank() const override { return 0; }
  int size() const override { return 1; }
  std::string way() const override { return "alone"; }
  std::vector<std::byte> all_gather(std::span<const std::byte> mine) override { return {mine.begin(), mine.end()}; }
  void abort(const std::string&) noexcept override {}
};

/// The value of every process, in the order of ranks.
template <class T>
std::vector<T> gather(process_group& all, const T& mine) {
  static_assert(std::is_trivially_copyable_v<T>, "gather sends the bytes of a value: it must be trivially copyable");
  const std::vector<std::byte> bytes = all.all_gather(std::as_bytes(std::span{&mine, 1}));
  std::vector<T> values(bytes.size() / sizeof(T), mine);
  std::memcpy(static_cast<void*>(values.data()), bytes.data(), values.size() * sizeof(T));
  return values;
}

/// True on all processes where it is on one.
inline bool any(process_group& all, bool here) {
  const std::vector<char> found = gather(all, static_cast<char>(here ? 1 : 0));
  return std::find(found.begin(), found.end(), char{1}) != found.end();
}

/// No process leaves before all have come.
inline void barrier(process_group& all) { all.all_gather({}); }

/// The greatest of all, and the lowest rank that has it.
template <class T>
struct greatest {
  T value{};
  int rank = 0;
};
template <class T>
greatest<T> max(process_group& all, const T& mine) {
  const std::vector<T> values = gather(all, mine);
  const auto most = std::max_element(values.begin(), values.end());
  return {*most, static_cast<int>(most - values.begin())};
}

/// The text of every process, in the order of ranks: cut where it is longer than 511 bytes.
inline std::vector<std::string> gather_text(process_group& all, const std::string& mine) {
  std::array<char, 512> fixed{};
  std::copy_n(mine.begin(), std::min(mine.size(), fixed.size() - 1), fixed.begin());
  std::vector<std::string> texts;
  for (const auto& one : gather(all, fixed)) texts.emplace_back(one.data());
  return texts;
}

}  // namespace colossus::bench
