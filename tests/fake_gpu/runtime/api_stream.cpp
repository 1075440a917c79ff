// SPDX-License-Identifier: Apache-2.0
// Entry points: streams and events.
#include "report.hpp"
#include "world.hpp"

#include <algorithm>

namespace fakegpu {
namespace {

cudaError_t create_stream(cudaStream_t* made, unsigned flags, int priority) {
  return entry([&] {
    const guard held{world().lock};
    const bool blocking = (flags & cudaStreamNonBlocking) == 0;
    auto created = new_stream(current_device(), blocking, blocking ? "blocking stream" : "stream");
    created->flags = flags;
    created->priority = priority;
    *made = reinterpret_cast<cudaStream_t>(created.get());
    world().streams[created.get()] = std::move(created);
    return cudaSuccess;
  });
}

std::shared_ptr<event> event_of(cudaEvent_t handle) {
  const auto found = world().events.find(handle);
  if (found == world().events.end()) fatal("an event is used that was destroyed or never made");
  return found->second;
}

bool is_done(const event& which) { return !which.last || which.last->on->done >= which.last->when.time; }

cudaError_t record(cudaEvent_t handle, cudaStream_t on) {
  const guard held{world().lock};
  const auto which = event_of(handle);
  const auto of = stream_of(on);
  if (which->device != of->device) return cudaErrorInvalidResourceHandle;
  which->last.reset();
  which->captured = of->captured;
  if (const auto& into = of->captured) {
    const auto& branch = into->branches[of->branch];
    which->seen = branch.seen;
    which->nodes = branch.pending;
    if (branch.last) which->nodes.push_back(*branch.last);
    return cudaSuccess;
  }
  const auto made = std::make_shared<event::record>();
  made->on = of->time;
  which->last = made;
  operation stamp{"event record", {}, {}};
  stamp.run = [made](const moment&, const std::string&) { made->at = std::chrono::steady_clock::now(); };
  made->when = issue(*of, std::make_shared<const operation>(std::move(stamp)));
  return cudaSuccess;
}

/// The stream becomes part of the event's capture, or waits in it.
cudaError_t wait_in_capture(const std::shared_ptr<stream>& of, const event& which) {
  capture& into = *which.captured;
  if (!world().captures.contains(which.captured)) return cudaErrorCapturedEvent;
  if (of->captured && of->captured != which.captured) {
    return break_capture(*of->captured, "cudaStreamWaitEvent on another capture's event",
                         cudaErrorStreamCaptureIsolation);
  }
  if (!of->captured) {
    of->branch = into.join(of);
    of->captured = which.captured;
  }
  auto& branch = into.branches[of->branch];
  branch.seen.join(which.seen);
  branch.pending.insert(branch.pending.end(), which.nodes.begin(), which.nodes.end());
  return cudaSuccess;
}

cudaError_t wait_for(cudaStream_t on, cudaEvent_t handle) {
  const guard held{world().lock};
  const auto which = event_of(handle);
  const auto of = stream_of(on);
  if (which->captured) return wait_in_capture(of, *which);
  if (!which->last) {
    finding("cudaStreamWaitEvent on an event that was never recorded waits for nothing");
    return cudaSuccess;
  }
  if (of->captured) {
    return break_capture(*of->captured, "cudaStreamWaitEvent on an event from outside the capture",
                         cudaErrorStreamCaptureIsolation);
  }
  const auto nothing = [](const moment&, const std::string&) {};
  issue(*of, std::make_shared<const operation>(operation{"wait for an event", {}, nothing}),
        {{which->last->on, which->last->when.time}}, &which->last->when.before);
  return cudaSuccess;
}

cudaError_t captured_error(const event& which, const char* call) {
  return which.captured ? break_capture(*which.captured, call, cudaErrorCapturedEvent) : forbidden_now(call);
}

}  // namespace
}  // namespace fakegpu

using namespace fakegpu;

extern "C" {

cudaError_t cudaStreamCreate(cudaStream_t* made) { return create_stream(made, cudaStreamDefault, 0); }
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* made, unsigned flags) { return create_stream(made, flags, 0); }
cudaError_t cudaStreamCreateWithPriority(cudaStream_t* made, unsigned flags, int priority) {
  return create_stream(made, flags, std::clamp(priority, -5, 0));
}
/// What it has still to do is done; nobody waits for that.
cudaError_t cudaStreamDestroy(cudaStream_t handle) {
  return entry([&] {
    const guard held{world().lock};
    if (handle == nullptr || handle == cudaStreamLegacy || handle == cudaStreamPerThread)
      return cudaErrorInvalidResourceHandle;
    const auto of = stream_of(handle);
    if (of->captured) break_capture(*of->captured, "cudaStreamDestroy", cudaErrorStreamCaptureUnsupported);
    of->ends = true;
    world().streams.erase(handle);
    of->woken.notify_one();
    return cudaSuccess;
  });
}
cudaError_t cudaStreamSynchronize(cudaStream_t handle) {
  before_wait("cudaStreamSynchronize");
  return entry([&] {
    guard held{world().lock};
    const auto of = stream_of(handle);
    if (!of->captured) {
      if (const cudaError_t error = forbidden_now("cudaStreamSynchronize"); error != cudaSuccess) return error;
    }
    return drain(of, "cudaStreamSynchronize", held);
  });
}
cudaError_t cudaStreamQuery(cudaStream_t handle) {
  return entry([&] {
    const guard held{world().lock};
    const auto of = stream_of(handle);
    if (of->captured) return break_capture(*of->captured, "cudaStreamQuery", cudaErrorStreamCaptureUnsupported);
    if (const cudaError_t error = forbidden_now("cudaStreamQuery"); error != cudaSuccess) return error;
    if (of->time->done < of->time->issued) return cudaErrorNotReady;
    if (of->time->issued != 0) world().host.join(of->time->clock);
    return cudaSuccess;
  });
}
cudaError_t cudaStreamGetFlags(cudaStream_t handle, unsigned* flags) {
  return entry([&] {
    const guard held{world().lock};
    *flags = stream_of(handle)->flags;
    return cudaSuccess;
  });
}
cudaError_t cudaStreamGetPriority(cudaStream_t handle, int* priority) {
  return entry([&] {
    const guard held{world().lock};
    *priority = stream_of(handle)->priority;
    return cudaSuccess;
  });
}
cudaError_t cudaStreamGetId(cudaStream_t handle, unsigned long long* id) {
  return entry([&] {
    const guard held{world().lock};
    *id = stream_of(handle)->time->id + 1;
    return cudaSuccess;
  });
}
cudaError_t cudaLaunchHostFunc(cudaStream_t on, cudaHostFn_t function, void* data) {
  return entry([&] {
    return submit(on, {"host function", {}, [=](const moment&, const std::string&) {
                         in_host_function() = true;
                         function(data);
                         in_host_function() = false;
                       }});
  });
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* made, unsigned flags) {
  return entry([&] {
    const guard held{world().lock};
    auto created = std::make_shared<event>();
    created->timed = (flags & cudaEventDisableTiming) == 0;
    created->device = current_device();
    *made = reinterpret_cast<cudaEvent_t>(created.get());
    world().events[created.get()] = std::move(created);
    return cudaSuccess;
  });
}
cudaError_t cudaEventCreate(cudaEvent_t* made) { return cudaEventCreateWithFlags(made, cudaEventDefault); }
cudaError_t cudaEventDestroy(cudaEvent_t handle) {
  return entry([&] {
    const guard held{world().lock};
    world().events.erase((event_of(handle), handle));
    return cudaSuccess;
  });
}
cudaError_t cudaEventRecord(cudaEvent_t handle, cudaStream_t on) {
  before_wait("cudaEventRecord");
  return entry([&] { return record(handle, on); });
}
cudaError_t cudaEventRecordWithFlags(cudaEvent_t handle, cudaStream_t on, unsigned) {
  return cudaEventRecord(handle, on);
}
cudaError_t cudaStreamWaitEvent(cudaStream_t on, cudaEvent_t handle, unsigned) {
  return entry([&] { return wait_for(on, handle); });
}
cudaError_t cudaEventSynchronize(cudaEvent_t handle) {
  before_wait("cudaEventSynchronize");
  return entry([&] {
    guard held{world().lock};
    const auto which = event_of(handle);
    if (const cudaError_t error = captured_error(*which, "cudaEventSynchronize"); error != cudaSuccess) return error;
    const auto last = which->last;
    if (!last) return cudaSuccess;
    world().moved.wait(held, [&] { return last->on->done >= last->when.time; });
    world().host.join(last->when.before);
    return cudaSuccess;
  });
}
cudaError_t cudaEventQuery(cudaEvent_t handle) {
  return entry([&] {
    const guard held{world().lock};
    const auto which = event_of(handle);
    if (const cudaError_t error = captured_error(*which, "cudaEventQuery"); error != cudaSuccess) return error;
    if (!is_done(*which)) return cudaErrorNotReady;
    if (which->last) world().host.join(which->last->when.before);
    return cudaSuccess;
  });
}
cudaError_t cudaEventElapsedTime(float* ms, cudaEvent_t begin, cudaEvent_t end) {
  return entry([&] {
    const guard held{world().lock};
    const auto first = event_of(begin), second = event_of(end);
    if (first->captured || second->captured) return cudaErrorCapturedEvent;
    const bool both = first->last && second->last && first->timed && second->timed && first->device == second->device;
    if (!both) return cudaErrorInvalidResourceHandle;
    if (!is_done(*first) || !is_done(*second)) return cudaErrorNotReady;
    *ms = std::chrono::duration<float, std::milli>(second->last->at - first->last->at).count();
    return cudaSuccess;
  });
}
}
