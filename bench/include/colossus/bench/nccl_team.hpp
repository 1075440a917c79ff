// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/agree.hpp>
#include <colossus/bench/nccl_rank.hpp>
#include <colossus/bench/nccl_watchdog.hpp>
#include <colossus/bench/nccl_world.hpp>
#include <colossus/bench/options.hpp>
#include <colossus/bench/participant.hpp>
#include <colossus/bench/process_group.hpp>

#include <map>
#include <memory>
#include <set>

namespace colossus::bench {

class nccl_runs;

/// Ranks that are GPUs: some of each process, driven by one thread of it.
class nccl_team {
 public:
  using comm = nccl_rank;
  using member = gpu_member;
  using runs = nccl_runs;

  /// Forms the communicator: every process brings one GPU at least. Throws (broke) where the others do not come.
  nccl_team(process_group& processes, const std::vector<int>& devices, const options& o)
      : processes_{&processes}, deadline_{static_cast<std::int64_t>(o.deadline_s * 1e3)} {
    place(static_cast<int>(devices.size()));
    for (transports::nccl& link : form_nccl_world(processes, devices, deadline_ / 3 * 2))
      members_.push_back(std::make_unique<member>(std::move(link), nodes_in_order(), o.null_stream));
  }

  rank_t ranks() const { return static_cast<rank_t>(hosts_.size()); }
  rank_t nodes() const { return static_cast<rank_t>(std::set<std::string>{hosts_.begin(), hosts_.end()}.size()); }
  /// The nodes as `problem` has them: ranks that follow each other, as many on each; else all ranks are one.
  rank_t nodes_in_order() const {
    const rank_t each = ranks() / nodes();
    for (rank_t rank = 0; rank < ranks(); ++rank)
      if (host(rank) != host(rank / each * each) || (rank % each == 0 && rank > 0 && host(rank) == host(rank - 1)))
        return 1;
    return nodes();
  }
  bool speaks() const { return processes_->rank() == 0; }
  const std::string& host(rank_t rank) const { return hosts_[static_cast<std::size_t>(rank)]; }
  /// The hosts in words: the first of them where there are many.
  std::string hosts() const {
    return host(0) + (nodes() > 1 ? " and " + std::to_string(nodes() - 1) + " more hosts" : "");
  }

  /// The node of every rank, as a number.
  std::vector<int> nodes_of_ranks() const {
    std::map<std::string, int> numbers;
    std::vector<int> all;
    for (const std::string& name : hosts_)
      all.push_back(numbers.try_emplace(name, static_cast<int>(numbers.size())).first->second);
    return all;
  }

  bool any(bool here) const { return bench::any(*processes_, here); }
  template <class F>
  void together(F&& f) {
    agree(*processes_, f);
  }

  /// Ends the program where what follows in this scope does not come back.
  nccl_watchdog::scope watched(const char* step) const { return {*dog_, step}; }

  process_group& processes() const { return *processes_; }
  std::chrono::milliseconds deadline() const { return deadline_; }
  const std::vector<std::unique_ptr<member>>& members() const { return members_; }

  /// Calls `f(member)` for each local rank, with its device current.
  template <class F>
  void each(F&& f) const {
    for (const auto& m : members_) {
      const colossus::detail::on_device here{m->rank.device()};
      f(*m);
    }
  }

  /// The local ranks' calls as one group, by `f(member)` each.
  template <class F>
  void grouped(F&& f) const {
    const auto guarded = watched("a group of NCCL's");
    colossus::detail::nccl_group group;
    each(f);
    if (!group.end("end a group")) settle("enqueue a group");
  }

  /// Communicators that do not block have then done what they were given.
  void settle(const std::string& what) const {
    std::vector<ncclComm_t> comms;
    for (const auto& m : members_) comms.push_back(m->rank.link().handle());
    transports::nccl::settle(comms, deadline_, what);
  }

  /// Waits for the streams of all local ranks. Throws (broke) what NCCL or CUDA found, or at the deadline.
  void wait(std::string_view what) const {
    const auto begun = std::chrono::steady_clock::now();
    each([&](member& m) {
      for (int looks = 0;; ++looks) {
        const cudaError_t state = cudaStreamQuery(m.rank.stream);
        if (state == cudaSuccess) return;
        if (state != cudaErrorNotReady) colossus::detail::check_cuda(state, std::string{what}.c_str());
        static_cast<void>(cudaGetLastError());  // where the next launch would find that it was not ready
        if (looks < 1000) continue;
        m.rank.link().rethrow_async_error();
        if (std::chrono::steady_clock::now() - begun > deadline_) throw late(m, what);
        std::this_thread::sleep_for(std::chrono::microseconds{20});
      }
    });
  }

  /// Of samples of all local ranks, those of the slowest of all ranks.
  std::vector<slowest_rank> slowest(const std::vector<std::vector<double>>& local) const {
    std::vector<slowest_rank> mine;
    for (const auto& sample : local) {
      const auto most = std::max_element(sample.begin(), sample.end());
      mine.push_back({*most, members()[static_cast<std::size_t>(most - sample.begin())]->rank.rank()});
    }
    const auto bytes = processes().all_gather(std::as_bytes(std::span{mine}));
    for (std::size_t at = 0; at < bytes.size(); at += sizeof(slowest_rank)) {
      slowest_rank other;
      std::memcpy(static_cast<void*>(&other), bytes.data() + at, sizeof other);
      auto& here = mine[at / sizeof(slowest_rank) % mine.size()];
      here = std::max(here, other);
    }
    return mine;
  }

 private:
  /// Every rank's host.
  void place(int mine) {
    const auto names = gather_text(*processes_, host_name());
    const auto counts = gather(*processes_, mine);
    for (std::size_t p = 0; p < counts.size(); ++p)
      hosts_.insert(hosts_.end(), static_cast<std::size_t>(counts[p]), names[p]);
  }

  error late(const member& m, std::string_view what) const {
    return error{"rank " + std::to_string(m.rank.rank()) + " (GPU " + std::to_string(m.rank.device()) +
                     "): " + std::string{what} + " did not end within " + std::to_string(deadline_.count()) +
                     " ms: another rank is late or gone (raise --deadline, or look at the others)",
                 failure::broke};
  }

  process_group* processes_;
  std::chrono::milliseconds deadline_;
  std::unique_ptr<nccl_watchdog> dog_ = std::make_unique<nccl_watchdog>(deadline_ * 3 / 2);
  std::vector<std::string> hosts_;
  std::vector<std::unique_ptr<member>> members_;
};

}  // namespace colossus::bench
