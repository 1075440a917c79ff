// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/gpu_gate.hpp>
#include <colossus/bench/nccl_team.hpp>

#include <vector>

namespace colossus::bench {

/// Makes a call of an operation on all local ranks: enqueues, and does not wait.
using enqueues = std::function<void()>;

/// The three ways in which colossus-nccl takes the time of operations. In each the ranks begin together: behind an
/// all-reduce of one element, since the clocks of processes and the moments in which they call differ by more than a
/// small operation takes.
class nccl_timing {
 public:
  nccl_timing(nccl_team& team, double gate_deadline_s) : team_{&team}, gate_{gate_deadline_s} {}

  /// Makes what the ways below need known to NCCL and CUDA: nothing of it is to be loaded behind a closed gate.
  void warm_up() {
    team_->each([&](gpu_member& m) { gate_.hold(m.rank.stream), expect_launch(launch_nothing(m.rank.stream)); });
    meet();
    team_->wait("an all-reduce of one element");
  }

  /// Microseconds that one launch takes: with the host launching, and where all is enqueued already.
  struct launch_cost {
    double host_us = 0, gpu_us = 0;
  };
  /// Of a kernel that does nothing, and of a group in which every rank sends one byte to the next.
  struct launch_costs {
    launch_cost kernel, group;
  };
  launch_costs measure_launches() {
    constexpr int kernels = 200, groups = 20;
    const launch_cost kernel = cost_of(kernels, [this] {
      gpu_member& m = *team_->members().front();
      const colossus::detail::on_device here{m.rank.device()};
      expect_launch(launch_nothing(m.rank.stream));
    });
    return {kernel, team_->ranks() == 1 ? kernel : cost_of(groups, [this] { shift_a_byte(); })};
  }

  /// One operation at a time behind a gate: the seconds of each local rank. `timed_out` where the gate opened itself.
  std::vector<double> isolated(const enqueues& one) {
    return behind_gate([this] { meet(); }, one);
  }
  bool gate_timed_out() const { return gate_.timed_out(); }

  /// `n` operations one behind the other, over their number.
  std::vector<double> back_to_back(const enqueues& one, std::int64_t n) {
    auto seconds = between_events([&] {
      for (std::int64_t i = 0; i < n; ++i) one();
    });
    for (double& s : seconds) s /= static_cast<double>(n);
    return seconds;
  }

  /// The same `n` operations as a graph of each GPU, which is launched once unseen and `launches` times timed.
  std::vector<double> graph(const enqueues& one, std::int64_t n, int launches) {
    const captured graphs{*team_, one, n};
    graphs.launch();
    team_->wait("a graph");
    auto seconds = between_events([&] {
      for (int i = 0; i < launches; ++i) graphs.launch();
    });
    for (double& s : seconds) s /= static_cast<double>(n) * launches;
    team_->wait("a graph");
    return seconds;
  }

  /// One operation as a graph, launched once and waited for.
  void replayed(const enqueues& one) {
    const captured graph{*team_, one, 1};
    graph.launch();
    team_->wait("a graph");
  }

 private:
  /// A graph of each local rank, instantiated.
  class captured {
   public:
    captured(nccl_team& team, const enqueues& one, std::int64_t n) : team_{&team} {
      team.each([](gpu_member& m) {
        colossus::detail::check_cuda(cudaStreamBeginCapture(m.rank.stream, cudaStreamCaptureModeThreadLocal),
                                     "begin a capture");
      });
      for (std::int64_t i = 0; i < n; ++i) one();
      team.each([this](gpu_member& m) {
        cudaGraph_t graph{};
        colossus::detail::check_cuda(cudaStreamEndCapture(m.rank.stream, &graph), "end a capture");
        graphs_.emplace_back();
        const cudaError_t made = cudaGraphInstantiateWithFlags(&graphs_.back(), graph, 0);
        static_cast<void>(cudaGraphDestroy(graph));
        colossus::detail::check_cuda(made, "instantiate a graph");
      });
    }
    captured(const captured&) = delete;
    captured& operator=(const captured&) = delete;
    ~captured() {
      for (const cudaGraphExec_t g : graphs_)
        if (g) static_cast<void>(cudaGraphExecDestroy(g));
    }

    void launch() const {
      std::size_t next = 0;
      team_->each([&](gpu_member& m) {
        colossus::detail::check_cuda(cudaGraphLaunch(graphs_[next++], m.rank.stream), "launch a graph");
      });
    }

   private:
    nccl_team* team_;
    std::vector<cudaGraphExec_t> graphs_;
  };

  template <class F>
  launch_cost cost_of(int many, F&& one) {
    const auto all = [&] {
      for (int i = 0; i < many; ++i) one();
    };
    between_events(all);  // connects and loads what there is
    const double free = between_events(all).front(), gated = behind_gate([] {}, all).front();
    return {free / many * 1e6, gated / many * 1e6};
  }

  void shift_a_byte() const {
    const rank_t ranks = team_->ranks();
    team_->grouped([&](gpu_member& m) {
      auto* const bytes = m.small.data();
      const ncclComm_t comm = m.rank.link().handle();
      const rank_t next = (m.rank.rank() + 1) % ranks, before = (m.rank.rank() + ranks - 1) % ranks;
      colossus::detail::check_nccl(ncclSend(bytes + 64, 1, ncclInt8, next, comm, m.rank.stream), "send", comm);
      colossus::detail::check_nccl(ncclRecv(bytes + 128, 1, ncclInt8, before, comm, m.rank.stream), "receive", comm);
    });
  }

  static void expect_launch(cudaError_t status) { colossus::detail::check_cuda(status, "launch a kernel"); }

  /// No rank's stream goes on before those of all have come here.
  void meet() const {
    if (team_->ranks() == 1) return;
    team_->grouped([](gpu_member& m) {
      auto* const word = m.small.data();
      colossus::detail::check_nccl(
          ncclAllReduce(word, word, 1, ncclInt32, ncclMax, m.rank.link().handle(), m.rank.stream), "meet");
    });
  }

  void record(colossus::detail::cuda_event gpu_member::*which) const {
    team_->each([&](gpu_member& m) {
      colossus::detail::check_cuda(cudaEventRecord((m.*which).get(), m.rank.stream), "record an event");
    });
  }

  std::vector<double> elapsed() const {
    std::vector<double> seconds;
    team_->each([&](gpu_member& m) {
      float ms = 0;
      colossus::detail::check_cuda(cudaEventElapsedTime(&ms, m.begin.get(), m.end.get()), "take the time");
      seconds.push_back(static_cast<double>(ms) * 1e-3);
    });
    return seconds;
  }

  template <class F>
  std::vector<double> between_events(F&& work) {
    meet();
    record(&gpu_member::begin);
    work();
    record(&gpu_member::end);
    team_->wait("an operation");
    return elapsed();
  }

  /// `before` and `work` are both enqueued behind the gate; only `work` is timed.
  template <class Before, class F>
  std::vector<double> behind_gate(Before&& before, F&& work) {
    {
      gate_.next();
      const opens_gate at_end{gate_};
      team_->each([&](gpu_member& m) { gate_.hold(m.rank.stream); });
      before();
      record(&gpu_member::begin);
      work();
      record(&gpu_member::end);
    }
    team_->wait("an operation behind the gate");
    return elapsed();
  }

  nccl_team* team_;
  gpu_gate gate_;
};

}  // namespace colossus::bench
