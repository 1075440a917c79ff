// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/agree.hpp>
#include <colossus/bench/configuration.hpp>
#include <colossus/bench/gpu_check_data.hpp>
#include <colossus/bench/nccl_environment.hpp>

namespace colossus::bench {

/// The GPU memory of a run: taken once, before anything is timed, large enough for every configuration, and told to
/// NCCL as --register says.
class nccl_buffers {
 public:
  using config = configuration<nccl_rank>;

  nccl_buffers(nccl_team& team, const options& o) : team_{&team}, options_{&o} {}

  /// Throws (broke) on all processes where a GPU of one has not so much.
  void reserve(const std::vector<config>& all) {
    const auto [in, out] = largest_buffers(all);
    const std::int64_t work = largest_workspace(all);
    agree(team_->processes(), [&, in = in, out = out] {
      team_->each([&](gpu_member& m) {
        const std::int64_t cache = l2_bytes(m.rank.device());
        const std::int64_t in_room = moving_place::bytes_for(in, cache), out_room = moving_place::bytes_for(out, cache);
        expect_room(m.rank.device(),
                    static_cast<double>(in_room) + static_cast<double>(out_room) + static_cast<double>(work));
        take(m, in_room, out_room, work);
      });
    });
    for (const int which : {0, 1, 2}) tell(which);
  }

  /// The small memory of a rank: a word for `nccl_timing`, then what checks need.
  static gpu_data data_of(const gpu_member& m) { return {m.small.data() + for_meeting, m.rank.stream}; }

  /// Goes to other places in the buffers.
  void move_on(const config& c) const {
    const auto size = static_cast<std::int64_t>(c.kind.size);
    const std::int64_t in = c.layout().in_elements(c.count, c.ranks) * size;
    const std::int64_t out = c.layout().out_elements(c.count, c.ranks) * size;
    team_->each([&](gpu_member& m) { m.in.move_on(in), m.out.move_on(std::max(in, out)); });
  }

  /// The buffers in words; none yet: nothing.
  std::vector<std::string> in_words() const {
    const gpu_member& m = *team_->members().front();
    if (m.in.memory.bytes() == 0) return {};
    return {"buffers: " + bytes_for_people(m.in.memory.bytes()) + " and " + bytes_for_people(m.out.memory.bytes()) +
            " on each GPU, another place in them each time (" + bytes_for_people(l2_bytes(m.rank.device())) +
            " of L2)"};
  }

 private:
  static constexpr std::int64_t for_meeting = 256;  // one element, and what keeps the next aligned

  void take(gpu_member& m, std::int64_t in, std::int64_t out, std::int64_t work) const {
    const bool by_nccl = options_->registration != "none";
    m.in.memory = {in, by_nccl};
    m.out.memory = {out, by_nccl};
    if (work > 0) m.rank.workspace = {work, by_nccl};
    m.small = {for_meeting + gpu_data::bytes(), false};
  }

  static void expect_room(int device, double needed) {
    std::size_t free = 0, all = 0;
    colossus::detail::check_cuda(cudaMemGetInfo(&free, &all), "say how much memory is free");
    const double for_nccl = 0.025 * static_cast<double>(all);  // its own buffers, a pair of ranks at a time
    if (needed + for_nccl <= static_cast<double>(free)) return;
    throw error{"the buffers take " + bytes_for_people(static_cast<std::int64_t>(std::min(needed, 9e18))) + " on GPU " +
                    std::to_string(device) + ", and there are " + bytes_for_people(static_cast<std::int64_t>(free)) +
                    ": lower -e",
                failure::broke};
  }

  /// Of all ranks, since windows that are registered together are equally large.
  std::int64_t largest_workspace(const std::vector<config>& all) const {
    std::int64_t most = 0;
    for (const config& c : all)
      if (!c.in_place)
        team_->each([&](gpu_member& m) {
          c.what.run(*m.comm, c.on(m, *options_));
          if (m.rank.plan()) most = std::max(most, static_cast<std::int64_t>(m.rank.plan()->workspace_bytes()));
        });
    return bench::max(team_->processes(), most).value;
  }

  /// Tells NCCL of one of the three buffers of every rank. It may decline without a word: it gives no handle then.
  void tell(int which) const {
    if (options_->registration == "none") return;
    const auto memory = [which](gpu_member& m) -> nccl_memory& {
      return which == 0 ? m.in.memory : which == 1 ? m.out.memory : m.rank.workspace;
    };
    team_->grouped([&](gpu_member& m) {
      if (memory(m).bytes() > 0) memory(m).tell(m.rank.link().handle(), options_->registration == "symmetric");
    });
    bool declined = false;
    team_->each([&](gpu_member& m) { declined |= memory(m).bytes() > 0 && !memory(m).told(); });
    if (team_->any(declined))
      throw error{"--register " + options_->registration + ": NCCL took the buffers and registered nothing: " +
                      "this needs peer access between all GPUs and a network that NCCL registers with: --register none",
                  failure::unavailable};
  }

  nccl_team* team_;
  const options* options_;
};

}  // namespace colossus::bench
