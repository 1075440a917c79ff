// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/operation.hpp>
#include <colossus/bench/sizes.hpp>

namespace colossus::bench {

/// One benchmark: an algorithm, and the call to make.
template <class Comm>
struct configuration {
  operation<Comm> what;
  element_kind kind;
  rank_t ranks = 1;
  std::int64_t count = 0;
  rank_t root = 0;
  bool in_place = false;

  const data_layout& layout() const { return layout_of(what.collective); }
  std::int64_t bytes() const { return layout().elements(count, ranks) * static_cast<std::int64_t>(kind.size); }

  /// The buffers of one rank: in place as NCCL defines it, a rank's own part of the larger buffer.
  template <class Member>
  call on(Member& m, const bench::options& o) const {
    const data_layout& l = layout();
    const auto part = [&](bool parts) {
      return in_place && parts ? m.comm->rank() * count * static_cast<std::int64_t>(kind.size) : 0;
    };
    call c{.in = in_place ? m.out.data() : m.in.data(),
           .out = m.out.data(),
           .count = count,
           .kind = kind,
           .root = root,
           .options = {.lanes = o.lanes, .chunk_bytes = o.chunk_bytes}};
    c.in += part(l.parts_out && !l.parts_in);
    c.out += part(l.parts_in && !l.parts_out);
    return c;
  }
};

/// Every configuration that the options ask for: sizes outermost but for types, out of place before in place.
template <class Comm>
std::vector<configuration<Comm>> configurations_of(const options& o, const std::vector<operation<Comm>>& operations,
                                                   rank_t ranks, std::vector<std::string>& notes) {
  const data_layout& layout = layout_of(o.collective);
  const std::vector<rank_t> roots = roots_of(o, layout, ranks);
  std::vector<configuration<Comm>> all;
  for (const std::string& type : o.types)
    for (std::size_t op = 0; op < (layout.reduces ? o.operations.size() : 1); ++op) {
      const element_kind kind = element_kind_of(type, o.operations[op]);
      for (const std::int64_t count :
           counts_of(o, layout, kind.type, static_cast<std::int64_t>(kind.size), ranks, notes))
        for (const rank_t root : roots)
          for (const operation<Comm>& what : operations)
            for (const bool in_place : {false, true}) all.push_back({what, kind, ranks, count, root, in_place});
    }
  return all;
}

/// Bytes of the largest input and output of one rank; the output is large enough for both where they share memory.
template <class Comm>
std::pair<std::int64_t, std::int64_t> largest_buffers(const std::vector<configuration<Comm>>& all) {
  std::int64_t in = 0, out = 0;
  for (const auto& c : all) {
    const auto size = static_cast<std::int64_t>(c.kind.size);
    in = std::max(in, c.layout().in_elements(c.count, c.ranks) * size);
    out = std::max({out, in, c.layout().out_elements(c.count, c.ranks) * size});
  }
  return {in, out};
}

/// The name by which --benchmark_filter finds it.
template <class Comm>
std::string benchmark_name(const configuration<Comm>& c) {
  const data_layout& l = c.layout();
  return std::string{c.what.collective} + "/" + std::string{c.what.algorithm} + "/" + std::string{c.kind.type} +
         (l.reduces ? "/" + std::string{c.kind.reduction} : "") +
         (l.has_root ? "/root:" + std::to_string(c.root) : "") + "/bytes:" + std::to_string(c.bytes()) +
         (c.in_place ? "/in_place" : "/out_of_place");
}

}  // namespace colossus::bench
