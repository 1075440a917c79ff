// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nccl.h>

#include <cstddef>
#include <string>
#include <vector>

namespace fake_nccl {

std::size_t size_of(ncclDataType_t type);    // bytes; 0: no such type
std::string name_of(ncclDataType_t type);    // "float"
std::string name_of(ncclRedOp_t reduction);  // "sum"

/// What one rank combines once every rank's part is there: `count` elements into `out`, in order of ranks.
struct reduction {
  ncclDataType_t type;
  ncclRedOp_t op;
  std::size_t count;
  const char* own;  // this rank's part
  char* out;
  std::vector<std::vector<char>> parts;  // those of the others, by rank
};

/// Combines; `rank` is whose reduction it is.
void combine(const reduction& what, int rank);

}  // namespace fake_nccl
