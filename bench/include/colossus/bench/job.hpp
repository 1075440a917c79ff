// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/data_layout.hpp>
#include <colossus/bench/job_layout.hpp>
#include <colossus/detail/read_nodes.hpp>

namespace colossus::bench {

/// One kind of collective that a training step does `count` times, in every group of its axis at once.
struct job_collective {
  std::string name, collective;
  job_group group = job_group::all;
  std::int64_t bytes = 0;     ///< of one, as nccl-tests counts them
  std::int64_t count = 1;     ///< in a step, one after another
  std::string algorithm;      ///< empty: whichever is fastest
  double overlap = 0;         ///< share of its time that computing hides
  std::string with, because;  ///< what hides it; how bytes and count come about
};

/// A training job: how its model is cut over GPUs, and what they tell each other in a step.
struct job {
  std::string path, name, title;
  std::vector<topologies::source_note> sources;
  std::vector<std::string> assumptions;
  job_layout layout;
  std::optional<double> compute_s;  ///< of a step, per GPU
  std::vector<job_collective> collectives;
};

namespace detail {

using colossus::detail::json_reader;

inline job_layout read_layout(const json_reader& in) {
  in.keys({"tensor", "pipeline", "data", "expert", "order"});
  job_layout to;
  to.tensor = in["tensor"].count(), to.pipeline = in["pipeline"].count(), to.data = in["data"].count();
  to.expert = colossus::detail::optional_count(in, "expert", 1);
  if (to.data % to.expert != 0)
    in["expert"].complain("expected a divisor of data, " + std::to_string(to.data) + ", found " +
                          std::to_string(to.expert) + ": experts are dealt to ranks of a data-parallel group");
  if (std::int64_t{to.tensor} * to.pipeline > std::numeric_limits<rank_t>::max() / to.data)
    in.complain("tensor x pipeline x data are more ranks than a rank number can count");
  if (const auto order = in.find("order")) {
    std::vector<job_axis> axes;
    for (const json_reader& name : order->elements()) {
      const std::string axis = name.one_of({"tensor", "data", "pipeline"});
      axes.push_back(axis == "tensor" ? job_axis::tensor : axis == "data" ? job_axis::data : job_axis::pipeline);
    }
    if (axes.size() != 3 || std::set(axes.begin(), axes.end()).size() != 3)
      order->complain("expected tensor, data and pipeline, each once, from neighbouring ranks to distant ones");
    std::ranges::copy(axes, to.order.begin());
  }
  return to;
}

inline job_group read_group(const json_reader& in) {
  for (const auto& [group, name] : job_groups)
    if (in.value() == name) return group;
  in.fail("one of tensor, pipeline, data, expert, expert_data, all");
}

inline std::string read_collective_name(const json_reader& in) {
  std::string known;
  for (const data_layout& layout : data_layouts) {
    if (in.value() == layout.collective) return std::string{layout.collective};
    known += (known.empty() ? "" : ", ") + std::string{layout.collective};
  }
  in.fail("one of " + known);
}

inline job_collective read_collective(const json_reader& in) {
  in.keys({"name", "collective", "group", "bytes", "count", "algorithm", "overlap", "because"});
  job_collective c;
  c.name = in["name"].text(), c.collective = read_collective_name(in["collective"]), c.group = read_group(in["group"]);
  c.bytes = in["bytes"].integer(0, std::int64_t{1} << 60), c.count = in["count"].integer(1, 1'000'000'000);
  c.algorithm = colossus::detail::optional_text(in, "algorithm");
  c.because = colossus::detail::optional_text(in, "because");
  if (const auto overlap = in.find("overlap")) {
    overlap->keys({"share", "with"});
    c.overlap = (*overlap)["share"].number(0), c.with = (*overlap)["with"].text();
    if (c.overlap > 1) (*overlap)["share"].fail("a number from 0 to 1");
  }
  return c;
}

}  // namespace detail

/// The job that a JSON file describes. Throws `error` (input) with file, JSON path, what was expected and found.
inline job read_job(const std::string& path) {
  const nlohmann::json json = colossus::detail::read_json(path);
  const detail::json_reader root{path, json};
  root.keys({"job", "name", "title", "sources", "assumptions", "parallel", "compute_s", "collectives"});
  (void)root["job"].integer(1, 1);
  job j{path, root["name"].text(), colossus::detail::optional_text(root, "title"), {}, {}, {}, {}, {}};
  if (const auto sources = root.find("sources"))
    for (const auto& source : sources->elements()) j.sources.push_back(colossus::detail::read_source(source));
  if (const auto assumed = root.find("assumptions"))
    for (const auto& text : assumed->elements()) j.assumptions.push_back(text.text());
  j.layout = detail::read_layout(root["parallel"]);
  if (const auto compute = root.find("compute_s")) j.compute_s = compute->positive();
  for (const auto& one : root["collectives"].elements()) j.collectives.push_back(detail::read_collective(one));
  if (j.collectives.empty()) root["collectives"].complain("expected at least one collective, found none");
  return j;
}

}  // namespace colossus::bench
