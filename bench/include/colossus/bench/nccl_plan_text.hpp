// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/nccl_baseline.hpp>
#include <colossus/bench/sizes.hpp>
#include <colossus/transports/nccl_plan.hpp>

#include <ostream>

namespace colossus::bench {
namespace detail {

/// Ranks as a list for people: the first few where there are many.
inline std::string some_ranks(const std::vector<rank_t>& ranks) {
  std::string text;
  for (std::size_t i = 0; i < ranks.size() && i < 8; ++i) text += (i > 0 ? ", " : " ") + std::to_string(ranks[i]);
  return text.empty() ? " nobody" : text + (ranks.size() > 8 ? ", ..." : "");
}

/// The plan of the rank that launches most, among the first 64.
template <class A>
void write_plan(std::ostream& out, const options& o, const data_layout& layout, rank_t ranks, std::int64_t count,
                const element_kind& kind) {
  const std::string name = std::string{A::collective::name} + " " + std::string{A::name} + ", " +
                           bytes_for_people(layout.elements(count, ranks) * static_cast<std::int64_t>(kind.size)) +
                           ": ";
  if constexpr (is_nccl_baseline<A>) out << name << "1 launch of NCCL's own\n";
  else {
    const transports::plan_options said{.nodes = o.nodes.empty() ? 1 : o.nodes.front(),
                                        .pods = 0,
                                        .root = roots_of(o, layout, ranks).front(),
                                        .lanes = o.lanes,
                                        .chunk_bytes = o.chunk_bytes,
                                        .slices = 0};
    rank_t busiest = 0;
    auto most = transports::nccl_plan::program<A>(ranks, 0, count, kind.size, said);
    for (rank_t rank = 1; rank < std::min<rank_t>(ranks, 64); ++rank) {
      auto other = transports::nccl_plan::program<A>(ranks, rank, count, kind.size, said);
      if (colossus::detail::launches(other) > colossus::detail::launches(most)) busiest = rank, most = std::move(other);
    }
    out << name << "rank " << busiest << ": " << colossus::detail::describe(most) << "; to" << some_ranks(most.to)
        << "; from" << some_ranks(most.from) << '\n';
  }
}

}  // namespace detail

/// Prints what the chosen algorithms would have a rank do: one line for each algorithm and size. Needs no GPU.
template <class List>
void print_plans(std::ostream& out, const options& o) {
  const rank_t ranks = o.ranks.empty() ? 8 : o.ranks.front(), nodes = o.nodes.empty() ? 1 : o.nodes.front();
  expects(nodes <= ranks, "--nodes is above --ranks: a node has one rank at least");
  const data_layout& layout = layout_of(o.collective);
  std::vector<std::string> notes;
  out << "# " << ranks << (ranks == 1 ? " rank on " : " ranks on ") << nodes << (nodes == 1 ? " node" : " nodes")
      << ", " << o.types.front() << ": each line is the rank that launches most\n";
  const element_kind kind = element_kind_of(o.types.front(), o.operations.front());
  const auto counts = counts_of(o, layout, kind.type, static_cast<std::int64_t>(kind.size), ranks, notes);
  for (const std::string& note : notes) out << "# " << note << '\n';
  const problem shape{.ranks = ranks, .nodes = nodes, .lanes = o.lanes, .chunk_bytes = o.chunk_bytes};
  for_each_type(List{}, [&]<class A>(std::type_identity<A>) {
    if (A::collective::name != o.collective ||
        std::find(o.algorithms.begin(), o.algorithms.end(), A::name) == o.algorithms.end())
      return;
    const std::string line =
        o.collective + " " + std::string{A::name} + " does not serve " + std::to_string(ranks) + " ranks";
    if (supports<A>(shape))
      for (const std::int64_t count : counts) detail::write_plan<A>(out, o, layout, ranks, count, kind);
    else if (o.every_algorithm) out << "# " << line << ": left out\n";
    else throw error{line + ": choose another algorithm (--list) or another number of ranks"};
  });
}

}  // namespace colossus::bench
