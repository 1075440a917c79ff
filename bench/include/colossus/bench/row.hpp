// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/numbers.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace colossus::bench {

using integer = std::optional<std::int64_t>;
using real = std::optional<double>;

/// One result, measured, simulated or imported: the figures of one configuration. Empty means missing.
struct row {
  integer schema = 1;
  std::string run_id, source, backend, library, system, collective, algorithm, protocol;
  integer lanes, chunk_bytes;
  std::string dtype, redop;
  integer root, in_place, bytes, count, ranks, nodes, ranks_per_node;
  std::string placement, topology, topology_id, routing;
  integer queue_pairs;
  std::string registration, cost_model, price_kind, profile;
  integer seed;
  std::string scenario, timing;
  integer launch, warmup, iters;
  real time_us;
  std::string time_stat;
  real time_us_min, time_us_p50, time_us_mean, time_us_p95, time_us_p99, time_us_max, time_us_stdev, time_us_low,
      time_us_high;
  integer slowest_rank;
  std::string slowest_host;
  real algbw_GBps, busbw_GBps, wire_factor, sol_us;
  std::string limit, limit_link;
  real energy_J;
  integer launches_per_op;
  std::string status = "ok";
  integer errors;
  std::string tags;
  bool operator==(const row&) const = default;
};

/// What a column holds, and where a row keeps it.
struct column {
  std::string_view name;
  bool key;  ///< part of what tells configurations apart, not a result
  std::variant<std::string row::*, integer row::*, real row::*> member;
  std::string_view unit;
  std::string_view meaning;
  std::string_view empty_when;
};

/// The schema: every column, in the order of the file. Writing, reading and the documentation are derived from it.
inline constexpr std::array columns{
    column{"schema", false, &row::schema, "", "version of this table: 1", "never"},
    column{"run_id", false, &row::run_id, "", "one run of a program; joins the sidecar NAME.meta.json", "never"},
    column{"source", true, &row::source, "", "measured, simulated or imported", "never"},
    column{"backend", true, &row::backend, "", "threads, mpi, cuda, nccl; model: the simulator",
           "imported and unknown"},
    column{"library", true, &row::library, "", "whose code moved the data, with its version, as nccl-2.28.9",
           "imported and unknown"},
    column{"system", true, &row::system, "", "a name for the machine, by --system", "not named"},
    column{"collective", true, &row::collective, "", "all_reduce, all_gather, ...", "never"},
    column{"algorithm", true, &row::algorithm, "",
           "name with its parameters, as hierarchical:inner=ring+outer=double_tree", "unknown"},
    column{"protocol", true, &row::protocol, "", "how bytes move on a GPU: simple, ll; NCCL_PROTO as it was set",
           "the transport has one only, or NCCL chose"},
    column{"lanes", true, &row::lanes, "", "parallel copies on slices of the data",
           "the algorithm chose, and does not say"},
    column{"chunk_bytes", true, &row::chunk_bytes, "B", "size of one piece of a pipeline",
           "the algorithm chose, and does not say"},
    column{"dtype", true, &row::dtype, "", "float, half, int32, ...: nccl-tests' names", "unknown"},
    column{"redop", true, &row::redop, "", "sum, prod, min, max, avg", "the collective does not reduce"},
    column{"root", true, &row::root, "rank", "of reduce and broadcast", "the collective has no root"},
    column{"in_place", true, &row::in_place, "", "1: the output is the input; 0: it is not", "both are priced alike"},
    column{"bytes", true, &row::bytes, "B",
           "nccl-tests' size: count x type size, x ranks where each rank has its own part", "never"},
    column{"count", true, &row::count, "elements", "NCCL's count argument", "the type is unknown"},
    column{"ranks", true, &row::ranks, "", "how many took part", "never"},
    column{"nodes", true, &row::nodes, "", "on how many nodes they sat", "unknown"},
    column{"ranks_per_node", true, &row::ranks_per_node, "", "ranks over nodes", "unknown, or uneven"},
    column{"placement", true, &row::placement, "", "packed, shuffled, spread, or a file of hosts", "not simulated"},
    column{"topology", true, &row::topology, "", "name of the fabric", "not known"},
    column{"topology_id", true, &row::topology_id, "", "hash of the canonical topology", "not known"},
    column{"routing", true, &row::routing, "", "ecmp, adaptive or deterministic", "not simulated"},
    column{"queue_pairs", true, &row::queue_pairs, "", "flows that one message is spread over",
           "not simulated, or no matter"},
    column{"registration", true, &row::registration, "", "of GPU buffers: none, local, symmetric", "no GPU"},
    column{"cost_model", true, &row::cost_model, "", "alpha_beta, max_min or discrete_event", "not simulated"},
    column{"price_kind", true, &row::price_kind, "", "exact, lockstep, sampled or events", "not simulated"},
    column{"profile", true, &row::profile, "", "software overheads used; none: the price is a bound", "not simulated"},
    column{"seed", true, &row::seed, "", "the first of the draws", "nothing was drawn"},
    column{"scenario", true, &row::scenario, "", "healthy, or what differs from the file, as k=v;k=v", "not simulated"},
    column{"timing", true, &row::timing, "",
           "isolated: barrier, one operation; back_to_back: n operations over n; graph: the same, replayed; ping_pong: "
           "half a "
           "round trip",
           "not measured"},
    column{"launch", false, &row::launch, "", "repetition of the same key, from 0", "not measured"},
    column{"warmup", false, &row::warmup, "", "operations before the timed ones, in every configuration",
           "not measured"},
    column{"iters", false, &row::iters, "", "timed operations; simulated: draws", "unknown"},
    column{"time_us", false, &row::time_us, "us", "the figure that algbw and busbw come from",
           "there is none: see status"},
    column{"time_stat", false, &row::time_stat, "", "what time_us is: p50, mean or model", "there is no time"},
    column{"time_us_min", false, &row::time_us_min, "us", "over iterations of the maximum over ranks, or over draws",
           "one figure only"},
    column{"time_us_p50", false, &row::time_us_p50, "us", "the same", "one figure only"},
    column{"time_us_mean", false, &row::time_us_mean, "us", "the same", "one figure only"},
    column{"time_us_p95", false, &row::time_us_p95, "us", "the same", "one figure only"},
    column{"time_us_p99", false, &row::time_us_p99, "us", "the same", "one figure only"},
    column{"time_us_max", false, &row::time_us_max, "us", "the same", "one figure only"},
    column{"time_us_stdev", false, &row::time_us_stdev, "us", "the same, over n - 1", "fewer than two figures"},
    column{"time_us_low", false, &row::time_us_low, "us", "time_us less what is not known of it", "not known"},
    column{"time_us_high", false, &row::time_us_high, "us", "time_us and what is not known of it", "not known"},
    column{"slowest_rank", false, &row::slowest_rank, "rank", "the rank that was slowest in most iterations",
           "not measured"},
    column{"slowest_host", false, &row::slowest_host, "", "the host of slowest_rank", "not measured"},
    column{"algbw_GBps", false, &row::algbw_GBps, "1e9 B/s", "bytes over time_us", "there is no time"},
    column{"busbw_GBps", false, &row::busbw_GBps, "1e9 B/s", "algbw x nccl-tests' factor of the collective",
           "there is no time"},
    column{"wire_factor", false, &row::wire_factor, "", "bytes that the busiest rank sends, over bytes",
           "not worked out"},
    column{"sol_us", false, &row::sol_us, "us", "speed of light: what no algorithm can go below on this fabric",
           "the fabric is not known"},
    column{"limit", false, &row::limit, "",
           "what set the time: latency (with what delays ranks), launches, or a class of links",
           "measured, but for launches"},
    column{"limit_link", false, &row::limit_link, "", "the busiest link", "not simulated"},
    column{"energy_J", false, &row::energy_J, "J", "of one operation", "not known"},
    column{"launches_per_op", false, &row::launches_per_op, "", "kernel launches of one operation", "no GPU"},
    column{"status", false, &row::status, "",
           "ok, wrong_data, timeout, out_of_memory, unsupported, approximate, extrapolated", "never"},
    column{"errors", false, &row::errors, "elements", "wrong elements over all ranks", "not checked"},
    column{"tags", false, &row::tags, "", "k=v;k=v: notes, never a key", "none"},
};

inline std::string to_text(const std::string& text) { return text; }
template <class Number>
std::string to_text(const std::optional<Number>& value) {
  return value ? to_text(*value) : std::string{};
}

/// What `of` holds in column `c`, as text without quotes.
inline std::string text_of(const row& of, const column& c) {
  return std::visit([&](auto member) { return to_text(of.*member); }, c.member);
}

inline bool from_text(std::string& value, std::string_view text) {
  value = text;
  return true;
}
template <class Number>
bool from_text(std::optional<Number>& value, std::string_view text) {
  value = to_number<Number>(text);
  return value.has_value() || text.empty();
}

/// Sets what `of` holds in column `c`; false where `text` is no number and the column holds one.
inline bool set_from_text(row& of, const column& c, std::string_view text) {
  return std::visit([&](auto member) { return from_text(of.*member, text); }, c.member);
}

}  // namespace colossus::bench
