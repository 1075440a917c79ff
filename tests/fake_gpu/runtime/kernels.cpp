// SPDX-License-Identifier: Apache-2.0
#include "kernels.hpp"

#include "report.hpp"
#include "world.hpp"

#include <cxxabi.h>
#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>

#include "fat_binary.hpp"

namespace fakegpu {
namespace {

/// The library of host-compiled bodies that FAKE_GPU_KERNELS names.
const kernel_body* host_body(const std::string& name) {
  static const kernel_bodies all = [] {
    const char* const path = std::getenv("FAKE_GPU_KERNELS");
    if (path == nullptr || *path == '\0') return kernel_bodies{};
    void* const library = ::dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) fatal(std::string{"FAKE_GPU_KERNELS: "} + ::dlerror());
    const auto list = reinterpret_cast<kernel_bodies (*)()>(::dlsym(library, "fakegpu_bodies"));
    if (list == nullptr) fatal(std::string{"FAKE_GPU_KERNELS: "} + path + " has no function fakegpu_bodies");
    return list();
  }();
  for (std::size_t n = 0; n < all.size; ++n) {
    if (name == all.first[n].name) return &all.first[n];
  }
  return nullptr;
}

using arguments_in = std::shared_ptr<std::vector<std::byte>>;

std::vector<void*> pointers(const device_function& what, std::vector<std::byte>& blob) {
  std::vector<void*> all;
  for (const auto& parameter : what.parameters()) all.push_back(blob.data() + parameter.offset);
  return all;
}

void run_body(const device_function& what, dim3 grid, dim3 block, const arguments_in& blob) {
  std::vector<void*> arguments = pointers(what, *blob);
  what.body->run(arguments.data(), grid, block);
}

std::vector<range> ranges_of_body(const device_function& what, dim3 grid, dim3 block, std::vector<std::byte>& blob) {
  if (what.body == nullptr || what.body->touches == nullptr) return {};
  std::vector<range> all(1024);
  std::vector<void*> arguments = pointers(what, blob);
  const std::size_t size = what.body->touches(arguments.data(), grid, block, all.data(), all.size());
  if (size > all.size()) fatal("kernel " + what.name + ": its host body touches more ranges than fit");
  all.resize(size);
  return all;
}

ptx::extent live_extent(std::uintptr_t address) {
  const guard held{world().lock};
  const allocation* const block = allocation_at(address);
  if (block == nullptr) return {};
  if (block->freed) return {0, 0, "the allocation there is freed"};
  return {block->lo, block->hi};
}

/// What the kernel touched counts as used by its operation.
void check_touched(const ptx::machine& run_by, const std::string& name, const moment& when, const std::string& where) {
  const auto all = run_by.races().ranges();
  const guard held{world().lock};
  for (const auto& touched : all) check_use({touched.lo, touched.hi, touched.write, touched.strong}, when, name, where);
}

/// A kernel of this device waits for the host, or goes on.
void hold(int device, const std::string& kernel, bool waits) {
  const guard held{world().lock};
  auto& all = world().held;
  const auto found = std::find(all.begin(), all.end(), std::pair<const int, std::string>{device, kernel});
  if (waits) all.emplace(device, kernel);
  else if (found != all.end()) all.erase(found);
}

/// One launch.
struct launched {
  const device_function& what;
  dim3 grid, block;
  std::size_t shared;
  int device;
  arguments_in blob;
};

void interpret(const launched& one, const moment& when, const std::string& where) {
  const device_function& what = one.what;
  static const bool races = setting("FAKE_GPU_RACES", 1) != 0;
  ptx::settings chosen;
  chosen.seed = setting("FAKE_GPU_SEED", 1) * 31 + when.time;
  chosen.races = races;
  chosen.most_steps = setting("FAKE_GPU_MAX_STEPS", chosen.most_steps);
  chosen.longest = std::chrono::milliseconds{setting("FAKE_GPU_KERNEL_MS", 60'000)};
  chosen.allocation = live_extent;
  chosen.waits_outside = [&](bool waits) { hold(one.device, what.shown, waits); };
  const std::string text = "kernel '" + what.shown + "' on " + where + ": ";
  try {
    ptx::machine machine{chosen};
    const dim3 grid = one.grid, block = one.block;
    machine.start(*what.code, {grid.x, grid.y, grid.z}, {block.x, block.y, block.z}, *one.blob, one.shared);
    machine.run();
    for (const auto& [report, times] : machine.races().reports())
      fatal(text + "race, seen " + std::to_string(times) + " times: " + report);
    if (races) check_touched(machine, what.shown, when, where);
  } catch (const ptx::trap& failure) {
    fatal(text + failure.what());
  }
}

/// As it is written in the program.
std::string readable(const std::string& mangled) {
  int status = 0;
  char* const name = abi::__cxa_demangle(mangled.c_str(), nullptr, nullptr, &status);
  if (status != 0) return mangled;
  std::string text = name;
  std::free(name);
  return text.starts_with("void ") ? text.substr(5) : text;
}

std::map<const void*, device_function>& functions() {
  static auto& all = *new std::map<const void*, device_function>;
  return all;
}

bool fits(const device_function& what, dim3 grid, dim3 block, std::size_t shared) {
  const std::uint64_t threads = std::uint64_t{block.x} * block.y * block.z;
  return grid.x > 0 && grid.y > 0 && grid.z > 0 && threads > 0 && threads <= 1024 && block.z <= 64 &&
         grid.x <= 0x7fffffffu && grid.y <= 65535 && grid.z <= 65535 &&
         shared <= static_cast<std::size_t>(what.dynamic_shared);
}

}  // namespace

void device_function::prepare() {
  std::call_once(prepared, [this] {
    body = host_body(name);
    if (body != nullptr) return;
    std::call_once(from->read, [this] {
      for (const auto& text : ptx_texts(from->data)) from->modules.push_back(std::make_unique<ptx::module>(text));
    });
    try {
      for (const auto& module : from->modules) {
        if (!code && module->has(name)) code = module->find(name);
      }
    } catch (const ptx::trap& failure) {
      fatal("kernel '" + name + "': its PTX cannot be read: " + failure.what());
    }
    if (!code)
      fatal("kernel '" + name +
            "' has neither PTX in the program (nvcc -gencode arch=compute_80,code=compute_80) nor a host body");
  });
}

std::vector<ptx::parameter> device_function::parameters() const {
  if (body == nullptr) return code->parameters;
  std::vector<ptx::parameter> all;
  std::size_t offset = 0;
  for (std::size_t n = 0; n < body->parameters; ++n) {
    all.push_back({{}, offset, body->sizes[n]});
    offset += (body->sizes[n] + 15) / 16 * 16;
  }
  return all;
}

void register_function(const void* host, fat_binary* from, const std::string& name) {
  device_function& made = functions()[host];
  made.from = from;
  made.name = name;
  made.shown = readable(name);
}

device_function* function_of(const void* host) {
  const auto found = functions().find(host);
  return found == functions().end() ? nullptr : &found->second;
}

/// The device of the stream, which must be the current one. Whatever is launched there for the first time is loaded.
static cudaError_t place_of(device_function& what, cudaStream_t on, int& device) {
  const guard held{world().lock};
  device = stream_of(on)->device;
  if (device != current_device()) {
    finding("'" + what.shown + "' is launched on a stream of device " + std::to_string(device) + " while device " +
            std::to_string(current_device()) + " is the current one");
    return cudaErrorInvalidResourceHandle;
  }
  if (what.loaded_on.insert(device).second) expect_no_gate(device, "the first launch of '" + what.shown + "'");
  return cudaSuccess;
}

cudaError_t launch(device_function& what, dim3 grid, dim3 block, void** arguments, std::size_t shared,
                   cudaStream_t on) {
  what.prepare();
  if (!fits(what, grid, block, shared)) return cudaErrorInvalidConfiguration;
  const auto list = what.parameters();
  const auto blob = std::make_shared<std::vector<std::byte>>(list.empty() ? 0 : list.back().offset + list.back().bytes);
  for (std::size_t n = 0; n < list.size(); ++n) std::memcpy(blob->data() + list[n].offset, arguments[n], list[n].bytes);
  int device = 0;
  if (const cudaError_t error = place_of(what, on, device); error != cudaSuccess) return error;
  operation made{what.shown, ranges_of_body(what, grid, block, *blob), {}};
  const launched one{what, grid, block, shared, device, blob};
  made.run = [one](const moment& when, const std::string& where) {
    if (one.what.body != nullptr) run_body(one.what, one.grid, one.block, one.blob);
    else interpret(one, when, where);
  };
  return submit(on, std::move(made));
}

}  // namespace fakegpu
