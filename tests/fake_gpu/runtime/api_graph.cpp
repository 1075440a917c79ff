// SPDX-License-Identifier: Apache-2.0
// Entry points: stream capture and graphs.
#include "report.hpp"
#include "world.hpp"

#include <algorithm>
#include <thread>

namespace fakegpu {
namespace {

std::shared_ptr<graph> graph_of(cudaGraph_t handle) {
  const auto found = world().graphs.find(handle);
  if (found == world().graphs.end()) fatal("a graph is used that was destroyed or never made");
  return found->second;
}
std::shared_ptr<executable_graph> executable_of(cudaGraphExec_t handle) {
  const auto found = world().executables.find(handle);
  if (found == world().executables.end()) fatal("an executable graph is used that was destroyed or never made");
  return found->second;
}

cudaError_t begin(cudaStream_t handle, cudaStreamCaptureMode mode) {
  const guard held{world().lock};
  if (handle == nullptr || handle == cudaStreamLegacy) {
    finding("cudaStreamBeginCapture on the default stream");
    return cudaErrorStreamCaptureUnsupported;
  }
  const auto of = stream_of(handle);
  if (of->captured) return cudaErrorIllegalState;
  static std::uint64_t count = 0;
  auto made = std::make_shared<capture>();
  made->id = ++count;
  made->mode = mode;
  made->thread = std::this_thread::get_id();
  of->branch = made->join(of);
  of->captured = made;
  world().captures.insert(std::move(made));
  return cudaSuccess;
}

/// The other streams' last nodes must lie before the end of the first.
cudaError_t joined(const capture& which) {
  for (std::size_t n = 1; n < which.branches.size(); ++n) {
    const auto& branch = which.branches[n];
    if (!branch.last || which.branches[0].seen.at(n) > *branch.last) continue;
    finding(branch.of->time->name +
            " was forked into a capture and not joined: the stream that began the capture must wait for it");
    return cudaErrorStreamCaptureUnjoined;
  }
  return cudaSuccess;
}

cudaError_t end(cudaStream_t handle, cudaGraph_t* made) {
  const guard held{world().lock};
  const auto of = stream_of(handle);
  const auto which = of->captured;
  *made = nullptr;
  if (!which) return cudaErrorIllegalState;
  if (of->branch != 0)
    return break_capture(*which, "cudaStreamEndCapture on a stream that did not begin it",
                         cudaErrorStreamCaptureUnmatched);
  if (which->mode != cudaStreamCaptureModeRelaxed && which->thread != std::this_thread::get_id()) {
    return break_capture(*which, "cudaStreamEndCapture in another thread", cudaErrorStreamCaptureWrongThread);
  }
  for (const auto& branch : which->branches) branch.of->captured.reset();
  world().captures.erase(which);
  if (!which->broken.empty()) {
    say("the capture that ends was broken by " + which->broken);
    return cudaErrorStreamCaptureInvalidated;
  }
  if (const cudaError_t error = joined(*which); error != cudaSuccess) return error;
  auto recorded = std::make_shared<graph>(graph{which->nodes, which->branches.size()});
  *made = reinterpret_cast<cudaGraph_t>(recorded.get());
  world().graphs[recorded.get()] = std::move(recorded);
  return cudaSuccess;
}

cudaError_t instantiate(cudaGraphExec_t* made, cudaGraph_t handle) {
  return entry([&] {
    const guard held{world().lock};
    auto created = std::make_shared<executable_graph>();
    created->of = graph_of(handle);
    static int count = 0;
    const std::string name = "graph " + std::to_string(count++) + ", branch ";
    for (std::size_t n = 0; n < created->of->branches; ++n)
      created->branches.push_back(new_timeline(name + std::to_string(n)));
    *made = reinterpret_cast<cudaGraphExec_t>(created.get());
    world().executables[created.get()] = std::move(created);
    return cudaSuccess;
  });
}

/// One replay: a thread for each branch, in which a node waits for those that it depends on.
struct replay {
  std::shared_ptr<const graph> of;
  std::vector<std::string> names;
  std::vector<moment> moments;
  std::vector<char> done;

  void run_branch(std::size_t branch) {
    delays delay{moments.empty() ? 0 : moments.front().time * 17 + branch};
    for (std::size_t n = 0; n < of->nodes.size(); ++n) {
      const node& next = of->nodes[n];
      if (next.branch != branch) continue;
      {
        guard held{world().lock};
        world().moved.wait(held, [&] {
          return std::all_of(next.after.begin(), next.after.end(), [&](std::size_t m) { return done[m] != 0; });
        });
      }
      delay.pause();
      execute(*next.what, moments[n], names[branch]);
      const guard held{world().lock};
      done[n] = 1;
      world().moved.notify_all();
    }
  }
  void run() {
    const std::string outer = now_running();
    {
      std::vector<std::jthread> others;
      for (std::size_t branch = 1; branch < of->branches; ++branch)
        others.emplace_back([this, branch] { run_branch(branch); });
      run_branch(0);
    }
    now_running() = outer;
  }
};

cudaError_t launch_graph(cudaGraphExec_t handle, cudaStream_t on) {
  const guard held{world().lock};
  const auto what = executable_of(handle);
  const auto of = stream_of(on);
  if (of->captured)
    return break_capture(*of->captured, "cudaGraphLaunch (a graph in a graph is not in this fake)",
                         cudaErrorNotSupported);
  const auto once = std::make_shared<replay>(replay{what->of, {}, {}, std::vector<char>(what->of->nodes.size())});
  vector_clock start = of->time->clock;
  start.join(world().host);
  start.join(what->last_clock);
  for (const auto& branch : what->branches) once->names.push_back(branch->name);
  for (const node& next : what->of->nodes) {
    timeline& branch = *what->branches[next.branch];
    branch.clock.join(start);
    for (const std::size_t before : next.after) branch.clock.join(once->moments[before].before);
    once->moments.push_back(next_moment(branch));
  }
  for (const auto& branch : what->branches) start.join(branch->clock);
  std::vector<dependency> after;
  if (what->last_on) after.push_back({what->last_on, what->last_time});
  operation made{"graph launch", {}, [once](const moment&, const std::string&) { once->run(); }};
  const moment when = issue(*of, std::make_shared<const operation>(std::move(made)), std::move(after), &start);
  what->last_on = of->time;
  what->last_time = when.time;
  what->last_clock = when.before;
  return cudaSuccess;
}

}  // namespace
}  // namespace fakegpu

using namespace fakegpu;

extern "C" {

cudaError_t cudaStreamBeginCapture(cudaStream_t handle, cudaStreamCaptureMode mode) {
  return entry([&] { return begin(handle, mode); });
}
cudaError_t cudaStreamEndCapture(cudaStream_t handle, cudaGraph_t* made) {
  before_wait("cudaStreamEndCapture");
  return entry([&] { return end(handle, made); });
}
cudaError_t cudaStreamIsCapturing(cudaStream_t handle, cudaStreamCaptureStatus* status) {
  return entry([&] {
    const guard held{world().lock};
    const auto which = stream_of(handle)->captured;
    *status = !which                  ? cudaStreamCaptureStatusNone
              : which->broken.empty() ? cudaStreamCaptureStatusActive
                                      : cudaStreamCaptureStatusInvalidated;
    return cudaSuccess;
  });
}
cudaError_t cudaThreadExchangeStreamCaptureMode(cudaStreamCaptureMode* mode) {
  return entry([&] {
    std::swap(*mode, thread_capture_mode());
    return cudaSuccess;
  });
}
/// Status and id; the nodes behind a capture are not offered. CUDA 12 calls it _v2 and has no edge data.
#if CUDART_VERSION >= 13000
cudaError_t cudaStreamGetCaptureInfo(cudaStream_t handle, cudaStreamCaptureStatus* status, unsigned long long* id,
                                     cudaGraph_t* graph, const cudaGraphNode_t** nodes, const cudaGraphEdgeData** edges,
                                     std::size_t* size) {
  if (edges != nullptr) *edges = nullptr;
#else
cudaError_t cudaStreamGetCaptureInfo_v2(cudaStream_t handle, cudaStreamCaptureStatus* status, unsigned long long* id,
                                        cudaGraph_t* graph, const cudaGraphNode_t** nodes, std::size_t* size) {
#endif
  if (graph != nullptr) *graph = nullptr;
  if (nodes != nullptr) *nodes = nullptr;
  if (size != nullptr) *size = 0;
  const cudaError_t error = cudaStreamIsCapturing(handle, status);
  const guard held{world().lock};
  if (error == cudaSuccess && id != nullptr)
    *id = *status == cudaStreamCaptureStatusNone ? 0 : stream_of(handle)->captured->id;
  return error;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* made, cudaGraph_t handle, unsigned long long) {
  return instantiate(made, handle);
}
cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t* made, cudaGraph_t handle, unsigned long long) {
  return instantiate(made, handle);
}
cudaError_t cudaGraphUpload(cudaGraphExec_t handle, cudaStream_t) {
  return entry([&] {
    const guard held{world().lock};
    static_cast<void>(executable_of(handle));
    return cudaSuccess;
  });
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t handle, cudaStream_t on) {
  return entry([&] { return launch_graph(handle, on); });
}
cudaError_t cudaGraphGetNodes(cudaGraph_t handle, cudaGraphNode_t* nodes, std::size_t* size) {
  return entry([&] {
    const guard held{world().lock};
    if (nodes != nullptr) return cudaErrorNotSupported;
    *size = graph_of(handle)->nodes.size();
    return cudaSuccess;
  });
}
cudaError_t cudaGraphDestroy(cudaGraph_t handle) {
  return entry([&] {
    std::shared_ptr<graph> last;  // what its operations own is given up without the lock
    const guard held{world().lock};
    last = graph_of(handle);
    world().graphs.erase(handle);
    return cudaSuccess;
  });
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t handle) {
  return entry([&] {
    std::shared_ptr<executable_graph> last;
    const guard held{world().lock};
    last = executable_of(handle);
    for (const auto& branch : last->branches) end_timeline(*branch);
    world().executables.erase(handle);
    return cudaSuccess;
  });
}
}
