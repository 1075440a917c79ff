// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/characterize/findings.hpp>
#include <colossus/bench/characterize/words.hpp>
#include <colossus/step.hpp>

#include <set>

namespace colossus::bench::characterize {

/// What the sections on one machine are about.
struct subject {
  std::string name;
  rank_t ranks = 1;
  const letters& letter;
};

inline constexpr std::int64_t gibi = std::int64_t{1} << 30;

/// The middle of the table is what most people know by name.
inline constexpr std::array<std::string_view, 3> shown{"ring", "double_tree", "hierarchical"};

namespace detail {

/// "5.77 ms  (95%)", with a star where it is the best.
inline std::string cell(const row* r, bool best) {
  if (r == nullptr || !r->time_us) return "-";
  return right(time_text(*r->time_us), 8) + (best ? " *" : "  ") + right("(" + percent(share_of_light(*r)) + ")", 6);
}

/// One letter a size for the best algorithm, one digit for how near it comes to light.
inline void print_map(std::ostream& out, const std::map<std::int64_t, const row*>& best, const letters& letter) {
  std::string names, digits, ruler;
  for (const auto& [bytes, r] : best) {
    if (bytes == 8 || bytes == 1024 || bytes == 1 << 20 || bytes == gibi) {
      const std::string size = bytes_for_people(bytes);
      ruler = left(ruler, names.size()) + size.substr(0, size.find(' ')) +
              (bytes > 8 ? size.substr(size.find(' ') + 1, 1) : "");
    }
    names += letter(r->algorithm);
    digits += static_cast<char>('0' + std::min(9, static_cast<int>(10 * share_of_light(*r))));
  }
  const std::size_t width = names.size() + 3;
  out << "               " << left(ruler, width) << "bytes, from left to right\n";
  out << "   best        " << left(names, width) << "the fastest algorithm at each size\n";
  out << "   % of SOL    " << left(digits, width) << "of the speed of light: 0 under 10%, 9 over 90%\n";
}

/// All letters, each with its algorithm; those that were not priced on this machine come behind.
inline void print_legend(std::ostream& out, const row_list& rows, const letters& letter) {
  std::vector<std::string> items, missing;
  for (const auto& [name, sign] : letter.all()) {
    const bool priced =
        std::any_of(rows.begin(), rows.end(), [&, &wanted = name](const row* r) { return r->algorithm == wanted; });
    (priced ? items : missing).push_back(std::string{sign} + " " + name);
  }
  print_items(out, "", items, 15);
  if (!missing.empty()) print_items(out, "   not priced", missing, 15);
}

}  // namespace detail

/// Section 1: time and share of the speed of light over sizes, the best algorithm at each, and where it changes.
inline void print_winners(std::ostream& out, const row_list& all, const subject& of) {
  const question typical{.topology = of.name, .ranks = of.ranks};
  const row_list rows = select(all, typical);
  const auto best = fastest(rows);
  std::set<std::string> algorithms;
  for (const row* r : rows) algorithms.insert(r->algorithm);
  out << "1 ALL-REDUCE: WHO WINS        time (% of the speed of light), adaptive routing, * best of all "
      << algorithms.size() << '\n';
  out << "     bytes  ";
  for (const std::string_view name : shown) out << left("   " + std::string{name}, 19);
  out << left("   best of all", 21) << "limited by\n";
  for (const std::int64_t bytes : {std::int64_t{8}, std::int64_t{1} << 20, std::int64_t{16} << 20, gibi, 16 * gibi}) {
    if (!best.contains(bytes)) continue;
    const row& winner = *best.at(bytes);
    out << right(bytes_for_people(bytes), 10) << "  ";
    for (const std::string_view name : shown) {
      const row_list one = select(rows, {.topology = of.name, .algorithm = std::string{name}, .bytes = bytes});
      const row* r = one.empty() ? nullptr : one.front();
      out << left(detail::cell(r, r == &winner), 19);
    }
    out << of.letter(winner.algorithm) << ' ' << left(detail::cell(&winner, false), 19) << winner.limit << '\n';
  }
  detail::print_map(out, best, of.letter);
  detail::print_legend(out, rows, of.letter);
}

/// Section 1, its end: the sizes where the best algorithm changes, and how sure they are, from low to high latencies.
inline void print_crossovers(std::ostream& out, const row_list& all, const subject& of) {
  std::vector<std::vector<crossover>> variants;
  for (const char* const level : {"latencies=low", "latencies=high"})
    variants.push_back(crossovers(fastest(select(all, {.topology = of.name, .scenario = level, .ranks = of.ranks}))));
  std::vector<std::string> items;
  for (const crossover& c : crossovers(fastest(select(all, {.topology = of.name, .ranks = of.ranks})))) {
    const auto range = range_of(c, variants);
    items.push_back(std::string{of.letter(c.from)} + " -> " + of.letter(c.to) + " at " + bytes_for_people(c.bytes) +
                    (!range ? " (not at every latency)"
                     : range->first == range->second
                         ? " (at any latency)"
                         : " (" + bytes_for_people(range->first) + ".." + bytes_for_people(range->second) + ")"));
  }
  if (items.empty()) items.push_back("none: one algorithm wins at every size");
  print_items(out, "   crossover", items, 15);
  out << "               from that size on; in brackets from the low to the high end of the latencies\n";
}

/// Section 2: the best algorithm on more and more of the machine.
inline void print_growth(std::ostream& out, const row_list& all, const subject& of, const std::vector<rank_t>& growth) {
  out << "2 WHAT IT COSTS TO GROW       best algorithm, adaptive routing: time at 8 B, busbw at 1 GiB\n";
  std::string gpus = left("   GPUs", 18), latency = left("   8 B", 18), rate = left("   1 GiB, GB/s", 18),
              light = left("   of SOL", 18);
  for (const rank_t ranks : growth) {
    if (gpus.size() + 11 > screen_width) break;
    const row_list rows = select(all, {.topology = of.name, .ranks = ranks});
    const row *small = fastest_at(rows, 8), *large = fastest_at(rows, gibi);
    gpus += right(with_commas(ranks), 9) + "  ";
    latency += small ? right(time_text(*small->time_us), 9) + ' ' + of.letter(small->algorithm) : right("-", 9) + "  ";
    rate += large ? right(rate_text(*large->busbw_GBps), 9) + ' ' + of.letter(large->algorithm) : right("-", 9) + "  ";
    light += large ? right(percent(share_of_light(*large)), 9) + "  " : right("-", 9) + "  ";
  }
  out << gpus << '\n' << latency << '\n' << rate << '\n' << light << '\n';
}

/// Section 3: one path for each flow against all of them at once.
inline void print_ecmp(std::ostream& out, const row_list& all, const subject& of, std::string_view algorithm,
                       const std::vector<int>& queue_pairs) {
  const row_list drawn = select(
      all,
      {.topology = of.name, .routing = "ecmp", .algorithm = std::string{algorithm}, .ranks = of.ranks, .bytes = gibi});
  out << "3 WHAT ECMP COSTS             1 GiB busbw in GB/s, " << algorithm << "; ECMP: median [worst] of "
      << (drawn.empty() ? 0 : drawn.front()->iters.value_or(1)) << " draws\n";
  std::string head = left("", 15) + right("adaptive", 9);
  for (const int n : queue_pairs) head += right("ECMP " + std::to_string(n) + (n == 1 ? " QP" : " QPs"), 16);
  out << head << "    ECMP costs\n";
  for (const char* const placement : {"packed", "shuffled"}) {
    question q{.topology = of.name,
               .placement = placement,
               .algorithm = std::string{algorithm},
               .ranks = of.ranks,
               .bytes = gibi};
    const row_list spread = select(all, q);
    if (spread.empty()) continue;
    std::string line = left("   " + std::string{placement}, 15) + right(rate_text(*spread.front()->busbw_GBps), 9),
                cost;
    q.routing = "ecmp";
    for (const int n : queue_pairs) {
      q.queue_pairs = n;
      const row_list hashed = select(all, q);
      if (hashed.empty()) line += right("-", 16);
      else
        line +=
            right(rate_text(*hashed.front()->busbw_GBps) + " [" + rate_text(worst_busbw(*hashed.front())) + "]", 16);
      if (n != 1 || hashed.empty()) continue;
      const double lost = loss(*spread.front(), *hashed.front());  // below 0: lanes of the model met more luckily
      cost = (lost > 0 ? percent(lost) : "none (" + percent(lost) + ')') + " at 1 QP";
    }
    out << line << "    " << cost << '\n';
  }
}

/// Section 4: how busy each class of links is, the busiest marked.
inline void print_utilisation(std::ostream& out, const row* of, const std::vector<std::string>& kinds,
                              const std::vector<double>& busy) {
  if (of == nullptr || busy.size() != kinds.size()) return;
  out << "4 WHERE THE TIME GOES         " << bytes_for_people(*of->bytes) << ", " << of->algorithm << ", "
      << of->routing << ": " << time_text(*of->time_us) << ", limited by " << of->limit << '\n';
  const double most = *std::max_element(busy.begin(), busy.end());
  std::string line;
  for (std::size_t k = 0; k < kinds.size(); ++k) {
    line += left("   " + left(kinds[k], 12) + right(percent(busy[k]), 5) + " " + bar(busy[k], 18) +
                     (busy[k] == most ? " busiest" : ""),
                 50);
    if (k % 2 == 1 || k + 1 == kinds.size()) out << line << '\n', line.clear();
  }
  out << "   share of the time that a link of the class is busy, mean over its links that carry anything\n";
}

}  // namespace colossus::bench::characterize
