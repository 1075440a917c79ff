// SPDX-License-Identifier: Apache-2.0
#include "finding.hpp"

#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <mutex>

namespace fake_nccl {
namespace {

constexpr int exit_status = 97;
std::mutex errors;
std::string last_error;  // of the process, as NCCL's

/// Nobody gets a fake by accident, such as by a library path that was left behind.
[[maybe_unused]] const bool asked_for = [] {
  const char* said = std::getenv("FAKE_GPU");
  if (said == nullptr || (std::strcmp(said, "1") != 0 && std::strcmp(said, "2") != 0))
    stop("this libnccl.so.2 is a fake for tests; it runs only where FAKE_GPU=1 asks for it");
  return true;
}();

}  // namespace

void stop(const std::string& what) {
  const std::string line = "fake-nccl: " + what + "\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
  ::_exit(exit_status);
}

ncclResult_t refuse(ncclResult_t result, const std::string& why) {
  const std::scoped_lock lock{errors};
  last_error = why;
  return result;
}

unsigned long setting(const char* name, unsigned long otherwise) {
  const char* said = std::getenv(name);
  return said != nullptr ? std::strtoul(said, nullptr, 0) : otherwise;
}

rank_and_number rank_setting(const char* name) {
  const char* said = std::getenv(name);
  if (said == nullptr) return {};
  char* colon = nullptr;
  const auto rank = static_cast<int>(std::strtol(said, &colon, 10));
  return {rank, *colon == ':' ? std::strtoul(colon + 1, nullptr, 10) : 0};
}

std::chrono::milliseconds deadlock_limit() { return std::chrono::milliseconds{setting("FAKE_GPU_DEADLOCK_MS", 2000)}; }

}  // namespace fake_nccl

extern "C" {

const char* ncclGetLastError(ncclComm_t) {
  static thread_local std::string kept;
  const std::scoped_lock lock{fake_nccl::errors};
  kept = fake_nccl::last_error;
  return kept.c_str();
}

const char* ncclGetErrorString(ncclResult_t result) {
  switch (result) {
    case ncclSuccess:
      return "no error";
    case ncclUnhandledCudaError:
      return "unhandled cuda error (run with NCCL_DEBUG=INFO for details)";
    case ncclSystemError:
      return "unhandled system error (run with NCCL_DEBUG=INFO for details)";
    case ncclInternalError:
      return "internal error - please report this issue to the NCCL developers";
    case ncclInvalidArgument:
      return "invalid argument (run with NCCL_DEBUG=WARN for details)";
    case ncclInvalidUsage:
      return "invalid usage (run with NCCL_DEBUG=WARN for details)";
    case ncclRemoteError:
      return "remote process exited or there was a network error";
    case ncclInProgress:
      return "NCCL operation in progress";
    default:
      return "unknown result code";
  }
}

/// FAKE_NCCL_VERSION=21800 pretends to be 2.18.0.
ncclResult_t ncclGetVersion(int* version) {
  if (version == nullptr) return ncclInvalidArgument;
  *version = static_cast<int>(fake_nccl::setting("FAKE_NCCL_VERSION", NCCL_VERSION_CODE));
  return ncclSuccess;
}
}
