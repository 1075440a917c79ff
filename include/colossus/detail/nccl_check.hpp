// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/error.hpp>

#include <dlfcn.h>
#include <nccl.h>

#include <string>

namespace colossus::detail {

/// What NCCL says of the last error of this process; libraries before 2.13 say nothing.
inline std::string nccl_last_words(ncclComm_t comm) {
  using function = const char* (*)(ncclComm_t);
  const auto last_error = reinterpret_cast<function>(::dlsym(RTLD_DEFAULT, "ncclGetLastError"));
  const char* const said = last_error == nullptr ? nullptr : last_error(comm);
  return said == nullptr || *said == '\0' ? std::string{} : std::string{"; "} + said;
}

/// Throws (broke) where NCCL reports an error, with what it says of it. That something is still in progress is none.
inline void check_nccl(ncclResult_t found, const char* what, ncclComm_t comm = nullptr,
                       source_location where = source_location::current()) {
  if (found == ncclSuccess || found == ncclInProgress) return;
  throw error{std::string{"NCCL could not "} + what + ": " + ncclGetErrorString(found) + nccl_last_words(comm) +
                  " (NCCL_DEBUG=INFO says more)",
              failure::broke, where};
}

/// A group of NCCL's calls: ended by `end`, or, where something is thrown in it, on the way out.
class nccl_group {
 public:
  nccl_group() { check_nccl(ncclGroupStart(), "begin a group"); }
  nccl_group(const nccl_group&) = delete;
  nccl_group& operator=(const nccl_group&) = delete;
  ~nccl_group() {
    if (open_) ncclGroupEnd();
  }
  /// True where all is enqueued; false where communicators that do not block have to be asked when it is.
  bool end(const char* what) {
    open_ = false;
    const ncclResult_t found = ncclGroupEnd();
    check_nccl(found, what);
    return found == ncclSuccess;
  }

 private:
  bool open_ = true;
};

}  // namespace colossus::detail
