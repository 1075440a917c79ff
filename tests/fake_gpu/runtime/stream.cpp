// SPDX-License-Identifier: Apache-2.0
#include "stream.hpp"

#include "report.hpp"
#include "world.hpp"

#include <algorithm>
#include <thread>

namespace fakegpu {

delays::delays(std::uint64_t salt) : random_{setting("FAKE_GPU_SEED", 1) * 1'000'003 + salt * 101 + process_number()} {}

void delays::pause() {
  static const std::uint64_t most = setting("FAKE_GPU_DELAY_US", 100);
  if (most == 0 || random_() % 2 != 0) return;
  const std::uint64_t longer = random_() % 16 == 0 ? 10 : 1;
  std::this_thread::sleep_for(std::chrono::microseconds{random_() % most * longer});
}

std::shared_ptr<timeline> new_timeline(const std::string& name) {
  auto made = std::make_shared<timeline>();
  auto& free = world().free_lines;
  // An identity can be used again once the host has seen its last operation: then nothing conflicts with that any more.
  const auto known = std::find_if(free.begin(), free.end(),
                                  [](const auto& line) { return world().host.at(line.first) >= line.second; });
  if (known != free.end()) {
    made->id = known->first;
    made->issued = made->done = known->second;
    free.erase(known);
  } else {
    made->id = world().lines++;
  }
  made->name = name;
  return made;
}

void end_timeline(const timeline& ended) { world().free_lines.emplace_back(ended.id, ended.issued); }

void execute(const operation& what, const moment& when, const std::string& where) {
  static const bool checked = setting("FAKE_GPU_RACES", 1) != 0;
  if (checked && !what.ranges.empty()) {
    const guard held{world().lock};
    for (const range& bytes : what.ranges) check_use(bytes, when, what.name, where);
  }
  now_running() = "'" + what.name + "' on " + where;
  what.run(when, where);
  now_running().clear();
}

/// A stream's thread.
static void work(const std::shared_ptr<stream>& of) {
  delays delay{of->time->id};
  guard held{world().lock};
  for (;;) {
    of->woken.wait(held, [&] { return of->ends || !of->queue.empty(); });
    if (of->queue.empty()) break;
    queued next = std::move(of->queue.front());
    of->queue.pop_front();
    world().moved.wait(held, [&] {
      return std::all_of(next.after.begin(), next.after.end(),
                         [](const dependency& d) { return d.on->done >= d.time; });
    });
    held.unlock();
    delay.pause();
    execute(*next.what, next.when, of->time->name);
    next.what.reset();  // what it owns is given up without the lock
    held.lock();
    of->time->done = next.when.time;
    world().moved.notify_all();
  }
  end_timeline(*of->time);
  world().running.erase(of);
}

std::shared_ptr<stream> new_stream(int device, bool blocking, const std::string& kind) {
  watch_faults();
  static int count = 0;
  auto made = std::make_shared<stream>();
  made->time = new_timeline(kind + " " + std::to_string(count++) + " of device " + std::to_string(device));
  made->device = device;
  made->blocking = blocking;
  world().running.insert(made);
  std::thread{work, made}.detach();
  return made;
}

static std::shared_ptr<stream> default_stream(std::shared_ptr<stream>& kept, const std::string& kind) {
  if (!kept) kept = new_stream(current_device(), true, kind);
  return kept;
}

std::shared_ptr<stream> stream_of(cudaStream_t handle) {
  if (handle == nullptr || handle == cudaStreamLegacy) {
    return default_stream(world().legacy[current_device()], "default stream");
  }
  if (handle == cudaStreamPerThread) {
    return default_stream(world().per_thread[{std::this_thread::get_id(), current_device()}], "per-thread stream");
  }
  const auto found = world().streams.find(handle);
  if (found == world().streams.end()) fatal("a stream is used that was destroyed or never made");
  return found->second;
}

moment issue(stream& on, shared_operation what, std::vector<dependency> after, const vector_clock* also) {
  timeline& line = *on.time;
  line.clock.join(world().host);
  if (also != nullptr) line.clock.join(*also);
  const auto behind = [&](const stream& other) {
    if (&other == &on || other.time->issued == 0) return;
    after.push_back({other.time, other.time->issued});
    line.clock.join(other.time->clock);
  };
  const auto found = world().legacy.find(on.device);
  const stream* const legacy = found == world().legacy.end() ? nullptr : found->second.get();
  if (&on == legacy) {
    for (const auto& other : world().running) {
      if (other->blocking && other->device == on.device) behind(*other);
    }
  } else if (on.blocking && legacy != nullptr) {
    behind(*legacy);
  }
  moment when = next_moment(line);
  on.queue.push_back({std::move(what), when, std::move(after)});
  on.woken.notify_one();
  return when;
}

/// The default stream waits for blocking streams: one that captures would have to be waited for.
static cudaError_t forbidden_on_default(const stream& on, const std::string& call) {
  const auto found = world().legacy.find(on.device);
  if (found == world().legacy.end() || found->second.get() != &on) return cudaSuccess;
  for (const auto& which : world().captures) {
    for (const auto& branch : which->branches) {
      if (branch.of->blocking && branch.of->device == on.device) {
        return break_capture(*which, call + " on the default stream", cudaErrorStreamCaptureImplicit);
      }
    }
  }
  return cudaSuccess;
}

cudaError_t submit(cudaStream_t on, operation what) {
  const guard held{world().lock};
  const auto of = stream_of(on);
  if (const auto& into = of->captured) {
    if (!into->broken.empty()) return cudaErrorStreamCaptureInvalidated;
    into->add(of->branch, std::make_shared<const operation>(std::move(what)));
    return cudaSuccess;
  }
  if (const cudaError_t error = forbidden_on_default(*of, what.name); error != cudaSuccess) return error;
  issue(*of, std::make_shared<const operation>(std::move(what)));
  return cudaSuccess;
}

/// When nothing is under way, later operations lie behind all that the host has seen.
static void forget_if_idle() {
  const auto& all = world().running;
  const auto idle = [](const auto& of) { return of->time->done == of->time->issued; };
  if (std::all_of(all.begin(), all.end(), idle)) forget_uses_before(world().host);
}

cudaError_t drain(const std::shared_ptr<stream>& which, const char* call, guard& held) {
  if (which->captured) return break_capture(*which->captured, call, cudaErrorStreamCaptureUnsupported);
  const std::uint64_t last = which->time->issued;
  const vector_clock clock = which->time->clock;
  world().moved.wait(held, [&] { return which->time->done >= last; });
  if (last != 0) world().host.join(clock);
  forget_if_idle();
  return cudaSuccess;
}

cudaError_t drain_device(int device, const char* call, guard& held) {
  const std::set<std::shared_ptr<stream>> all = world().running;
  for (const auto& which : all) {
    if (device >= 0 && which->device != device) continue;
    if (const cudaError_t error = drain(which, call, held); error != cudaSuccess) return error;
  }
  return cudaSuccess;
}

}  // namespace fakegpu
