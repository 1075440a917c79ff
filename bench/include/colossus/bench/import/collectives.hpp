// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/import/imported.hpp>
#include <colossus/collectives.hpp>

namespace colossus::bench::importing {

/// A collective as other tools measure it: how they spell it, what its call takes, and how busbw follows from algbw.
struct foreign_collective {
  std::string_view name;      ///< ours
  std::string_view spelling;  ///< lower-case letters only
  bool reduces, rooted;
  bool per_rank;  ///< nccl-tests' size is count x type size x ranks
  double (*bus_factor)(rank_t ranks);
};

inline double one_of_all(rank_t ranks) { return (ranks - 1.0) / ranks; }
inline double all_of_it(rank_t) { return 1; }

/// nccl-tests' doc/PERFORMANCE.md; the first of a name is how nccl-tests spells it.
inline constexpr std::array foreign_collectives{
    foreign_collective{"all_reduce", "allreduce", true, false, false, collectives::all_reduce::bus_factor},
    foreign_collective{"reduce_scatter", "reducescatter", true, false, true, collectives::reduce_scatter::bus_factor},
    foreign_collective{"all_gather", "allgather", false, false, true, collectives::all_gather::bus_factor},
    foreign_collective{"broadcast", "broadcast", false, true, false, collectives::broadcast::bus_factor},
    foreign_collective{"broadcast", "bcast", false, true, false, collectives::broadcast::bus_factor},
    foreign_collective{"reduce", "reduce", true, true, false, collectives::reduce::bus_factor},
    foreign_collective{"all_to_all", "alltoall", false, false, true, collectives::all_to_all::bus_factor},
    foreign_collective{"all_to_all", "alltoallpersonalizedexchange", false, false, true,
                       collectives::all_to_all::bus_factor},
    foreign_collective{"send_recv", "sendrecv", false, false, false, collectives::send_recv::bus_factor},
    foreign_collective{"gather", "gather", false, true, true, one_of_all},
    foreign_collective{"scatter", "scatter", false, true, true, one_of_all},
    foreign_collective{"all_to_all_v", "alltoallv", false, false, false, one_of_all},
    foreign_collective{"hypercube", "hypercube", false, false, false, all_of_it},
};

/// The collective that `text` spells, as all_reduce_perf, AllReduce or Reduce_scatter do; nullptr for none.
inline const foreign_collective* spelled(std::string_view text) {
  text.remove_prefix(std::min(text.find_last_of('/') + 1, text.size()));
  if (text.ends_with("_perf")) text.remove_suffix(5);
  std::string letters;
  for (const char c : text) {
    if (c >= 'A' && c <= 'Z') letters += static_cast<char>(c - 'A' + 'a');
    else if (c >= 'a' && c <= 'z') letters += c;
  }
  const auto* const found = std::find_if(foreign_collectives.begin(), foreign_collectives.end(),
                                         [&](const foreign_collective& c) { return c.spelling == letters; });
  return found == foreign_collectives.end() ? nullptr : found;
}

/// The collective that the user names with --set. Throws (usage) where its bus bandwidth is not known.
inline const foreign_collective* given_collective(const import_request& asked) {
  const auto said = asked.set.find("collective");
  if (said == asked.set.end()) return nullptr;
  const auto* const found = spelled(said->second);
  if (found) return found;
  std::string names;
  for (const foreign_collective& c : foreign_collectives)
    if (names.find(c.name) == std::string::npos || c.name == "reduce")
      names.append(names.empty() ? "" : ", ").append(c.name);
  throw error{"--set collective=" + said->second + ": expected one of " + names};
}

/// The collective in the last part of a path, as run3-allgather.log has one; the longest spelling wins.
inline const foreign_collective* in_file_name(std::string_view path) {
  path.remove_prefix(std::min(path.find_last_of('/') + 1, path.size()));
  std::string letters;
  for (const char c : path)
    if (std::isalpha(static_cast<unsigned char>(c))) letters += static_cast<char>(std::tolower(c));
  const foreign_collective* best = nullptr;
  for (const foreign_collective& c : foreign_collectives)
    if (letters.find(c.spelling) != std::string::npos && (!best || c.spelling.size() > best->spelling.size()))
      best = &c;
  return best;
}

/// nccl-tests' name of an element type that some tool spells in its way, with its size in bytes: 0 if unknown.
struct foreign_type {
  std::string name;
  std::int64_t size = 0;
};

inline foreign_type type_of(std::string_view text) {
  struct entry {
    std::string_view spelling, name;
    std::int64_t size;
  };
  static constexpr std::array known{
      entry{"int8", "int8", 1},      entry{"char", "int8", 1},       entry{"mpi_char", "int8", 1},
      entry{"uint8", "uint8", 1},    entry{"int32", "int32", 4},     entry{"int", "int32", 4},
      entry{"mpi_int", "int32", 4},  entry{"uint32", "uint32", 4},   entry{"int64", "int64", 8},
      entry{"uint64", "uint64", 8},  entry{"half", "half", 2},       entry{"float16", "half", 2},
      entry{"f16", "half", 2},       entry{"float", "float", 4},     entry{"float32", "float", 4},
      entry{"f32", "float", 4},      entry{"mpi_float", "float", 4}, entry{"double", "double", 8},
      entry{"float64", "double", 8}, entry{"f64", "double", 8},      entry{"bfloat16", "bfloat16", 2},
      entry{"bf16", "bfloat16", 2},  entry{"f8e4m3", "f8e4m3", 1},   entry{"fp8_e4m3", "f8e4m3", 1},
      entry{"f8e5m2", "f8e5m2", 1},  entry{"fp8_e5m2", "f8e5m2", 1},
  };
  std::string lower{text};
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const auto* const found =
      std::find_if(known.begin(), known.end(), [&](const entry& e) { return e.spelling == lower; });
  return found == known.end() ? foreign_type{lower, 0} : foreign_type{std::string{found->name}, found->size};
}

}  // namespace colossus::bench::importing
