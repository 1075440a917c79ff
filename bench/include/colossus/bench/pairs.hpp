// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/pair_rounds.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace colossus::bench {

/// A text of up to `Bytes` - 1 bytes that travels with what it is a member of; a longer one is cut.
template <std::size_t Bytes>
class short_text {
 public:
  constexpr short_text() = default;
  constexpr short_text(std::string_view text) {
    std::copy_n(text.begin(), std::min(text.size(), Bytes - 1), text_.begin());
  }
  constexpr short_text(const char* text) : short_text{std::string_view{text}} {}
  short_text(const std::string& text) : short_text{std::string_view{text}} {}
  constexpr std::string_view view() const { return text_.data(); }
  bool empty() const { return view().empty(); }
  bool operator==(const short_text&) const = default;

 private:
  std::array<char, Bytes> text_{};
};

/// Where a rank sits.
struct pair_end {
  short_text<64> host;
  int gpu = -1;        ///< its number, as the process sees it; ranks without a GPU: their number on the host
  short_text<32> pci;  ///< its address on the host: tells GPUs apart where each process sees one only
  bool is_gpu = true;
};

/// What was found between two ranks, both ways at once where that makes a difference.
struct pair_result {
  int a = 0, b = 0;  ///< ranks, a below b
  int round = 0;     ///< pairs of one round were busy together
  double GBps = 0;   ///< 1e9 bytes a second in each direction, both busy: the median over iterations
  double us = 0;     ///< half the time of a small message there and back: the median over iterations
  std::int64_t bytes = 0, small_bytes = 0;
  int iterations = 0;      ///< of each
  std::int64_t wrong = 0;  ///< wrong words of 8 bytes, both ways
  bool answered = true;    ///< false: it did not end before the deadline
  bool checked = true;     ///< false: nobody looked whether data is right
  double transfer_us() const { return GBps > 0 ? static_cast<double>(bytes) / GBps * 1e-3 : 0; }
};

/// The same and where both ranks sit, as it travels between processes.
struct named_pair {
  pair_result result;
  pair_end a, b;
  bool within_host() const { return a.host == b.host; }
};

/// A rank and where it sits, as it travels between processes.
struct named_rank {
  int rank = 0;
  pair_end end;
};

/// Numbers the GPUs of hosts where each process sees its own as number 0: in the order of their addresses, which is the
/// system's. Hosts whose GPUs have numbers that differ keep them.
inline void tell_gpus_apart(std::vector<pair_end>& ends) {
  std::map<std::string_view, std::vector<pair_end*>> hosts;
  for (pair_end& end : ends) hosts[end.host.view()].push_back(&end);
  for (auto& [host, gpus] : hosts) {
    std::set<int> numbers;
    for (const pair_end* end : gpus) numbers.insert(end->gpu);
    if (numbers.size() == gpus.size()) continue;
    std::ranges::stable_sort(gpus, {}, [](const pair_end* end) { return end->pci.view(); });
    for (std::size_t i = 0; i < gpus.size(); ++i) gpus[i]->gpu = static_cast<int>(i);
  }
}

/// "node1 GPU 3 (rank 3)", or "node1 (rank 3)".
inline std::string name_of(const pair_end& end, int rank) {
  return std::string{end.host.view()} + (end.is_gpu ? " GPU " + std::to_string(end.gpu) : "") + " (rank " +
         std::to_string(rank) + (end.pci.empty() ? ")" : ", " + std::string{end.pci.view()} + ")");
}
inline std::string name_of(const named_pair& p) { return name_of(p.a, p.result.a) + " - " + name_of(p.b, p.result.b); }

/// The pairs with their ends, which are in the order of ranks.
inline std::vector<named_pair> with_names(const std::vector<pair_result>& pairs, const std::vector<pair_end>& ends) {
  std::vector<named_pair> named;
  for (const pair_result& p : pairs)
    named.push_back({p, ends[static_cast<std::size_t>(p.a)], ends[static_cast<std::size_t>(p.b)]});
  return named;
}

}  // namespace colossus::bench
