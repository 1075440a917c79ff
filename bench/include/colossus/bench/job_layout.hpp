// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/groups.hpp>

#include <array>
#include <string_view>

namespace colossus::bench {

enum class job_axis : std::uint8_t { tensor, data, pipeline };

/// Ranks that take part in one collective: those that differ along an axis alone.
enum class job_group : std::uint8_t {
  tensor,       ///< share the layers' matrices
  pipeline,     ///< stages of one model
  data,         ///< copies of one shard of what every expert shares
  expert,       ///< hold all experts once between them: neighbours of a data group
  expert_data,  ///< copies of one shard of the experts
  all
};

inline constexpr std::array<std::pair<job_group, std::string_view>, 6> job_groups{
    {{job_group::tensor, "tensor"},
     {job_group::pipeline, "pipeline"},
     {job_group::data, "data"},
     {job_group::expert, "expert"},
     {job_group::expert_data, "expert_data"},
     {job_group::all, "all"}}};

constexpr std::string_view to_string(job_group group) { return job_groups[static_cast<std::size_t>(group)].second; }

/// How a model is cut: rank = tensor + T * (data + D * pipeline) in the default order, where expert = data mod E.
struct job_layout {
  rank_t tensor = 1, pipeline = 1, data = 1, expert = 1;
  std::array<job_axis, 3> order{job_axis::tensor, job_axis::data, job_axis::pipeline};  ///< neighbours first

  rank_t ranks() const { return tensor * pipeline * data; }
  rank_t size(job_axis axis) const {
    return axis == job_axis::tensor ? tensor : axis == job_axis::data ? data : pipeline;
  }
  rank_t coordinate(rank_t rank, job_axis axis) const {
    for (const job_axis inner : order) {
      if (inner == axis) return rank % size(axis);
      rank /= size(inner);
    }
    return 0;
  }
  rank_t group_size(job_group group) const {
    switch (group) {
      case job_group::tensor:
        return tensor;
      case job_group::pipeline:
        return pipeline;
      case job_group::data:
        return data;
      case job_group::expert:
        return expert;
      case job_group::expert_data:
        return data / expert;
      case job_group::all:
        break;
    }
    return ranks();
  }
  /// Which of the groups a rank is in, 0 .. ranks() / group_size() - 1.
  rank_t group_of(rank_t rank, job_group group) const {
    const rank_t t = coordinate(rank, job_axis::tensor), d = coordinate(rank, job_axis::data),
                 p = coordinate(rank, job_axis::pipeline);
    switch (group) {
      case job_group::tensor:
        return d + data * p;
      case job_group::pipeline:
        return t + tensor * d;
      case job_group::data:
        return t + tensor * p;
      case job_group::expert:
        return t + tensor * (d / expert + data / expert * p);
      case job_group::expert_data:
        return t + tensor * (d % expert + expert * p);
      case job_group::all:
        break;
    }
    return 0;
  }
  /// The GPUs of every group, members in order of rank.
  std::vector<std::vector<gpu_t>> groups(std::span<const gpu_t> placement, job_group group) const {
    std::vector<std::vector<gpu_t>> all(static_cast<std::size_t>(ranks() / group_size(group)));
    for (rank_t rank = 0; rank < ranks(); ++rank)
      all[static_cast<std::size_t>(group_of(rank, group))].push_back(placement[static_cast<std::size_t>(rank)]);
    return all;
  }
};

}  // namespace colossus::bench
