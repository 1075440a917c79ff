// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "group.hpp"

#include <memory>
#include <vector>

namespace fake_nccl {

/// A window that a communicator registers, and where its handle goes.
struct window {
  ncclComm* comm;
  ncclWindow_t* handle;
  void* memory;
};

/// What a thread has called since its outermost ncclGroupStart.
struct batch {
  std::vector<std::unique_ptr<group>> groups;
  std::vector<ncclComm*> joining;
  std::vector<window> windows;
};

/// Does what a batch stands for: now, or on another thread where a communicator does not block (ncclInProgress).
ncclResult_t submit(batch what);

/// Connects whatever ranks of these groups have not talked yet. False if a communicator is aborted meanwhile.
bool connect(const std::vector<std::unique_ptr<group>>& groups);

}  // namespace fake_nccl
