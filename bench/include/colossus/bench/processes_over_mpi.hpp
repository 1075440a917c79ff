// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/process_group.hpp>
#include <colossus/bench/processes_abi.hpp>
#include <colossus/bench/rank_list.hpp>

#include <dlfcn.h>

#include <chrono>
#include <filesystem>
#include <optional>

namespace colossus::bench {

/// colossus-mpi-processes.so beside this program; or null, and `why` says why it is not.
inline const mpi_processes* load_mpi_processes(std::string& why) {
  const auto module = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "colossus-mpi-processes.so";
  // Open MPI opens parts of its own, which look for its symbols: they have to be global.
  void* const library = ::dlopen(module.c_str(), RTLD_NOW | RTLD_GLOBAL);
  void* const entry = library == nullptr ? nullptr : ::dlsym(library, mpi_processes::entry);
  if (entry != nullptr) return reinterpret_cast<const mpi_processes* (*)()>(entry)();
  const char* const said = ::dlerror();
  why = said == nullptr ? module.string() : said;
  return nullptr;
}

/// The processes of MPI_COMM_WORLD.
class processes_over_mpi final : public process_group {
 public:
  processes_over_mpi(const mpi_processes& functions, std::chrono::milliseconds deadline)
      : functions_{functions}, deadline_{deadline} {
    if (functions_.begin(&rank_, &size_, why_.data(), static_cast<int>(why_.size())) != mpi_processes::done)
      throw error{why_.data(), failure::broke};
  }
  ~processes_over_mpi() override {
    if (broken_.empty()) functions_.end();
  }

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  std::string way() const override { return "mpi"; }

  std::vector<std::byte> all_gather(std::span<const std::byte> mine) override {
    if (!broken_.empty()) throw error{broken_, failure::broke};
    std::vector<std::byte> all(mine.size() * static_cast<std::size_t>(size_));
    switch (functions_.all_gather(mine.data(), all.data(), static_cast<long>(mine.size()), deadline_.count(),
                                  why_.data(), static_cast<int>(why_.size()))) {
      case mpi_processes::done:
        return all;
      case mpi_processes::late:
        fail(who_is_missing());
      default:
        fail(why_.data());
    }
  }

  void abort(const std::string& why) noexcept override {
    if (!broken_.empty()) return;
    try {
      broken_ = "rank " + std::to_string(rank_) + " ended the run: " + why;
      functions_.abort(broken_.c_str());
    } catch (...) {
      functions_.abort("a rank ended the run");
    }
  }

 private:
  /// Rank 0 hears who waits as it does and tells them who does not; they wait for its word.
  std::string who_is_missing() {
    std::vector<unsigned char> here(static_cast<std::size_t>(size_));
    functions_.roll_call(here.data(), 500);
    if (rank_ != 0) return word_of_rank_0("rank 0 sends no word within " + in_seconds(deadline_));
    const std::string told =
        roll_call(size_, deadline_, [&](int rank) { return here[static_cast<std::size_t>(rank)] != 0; }) +
        ": see what the missing ones say, or wait longer (--deadline)";
    functions_.abort(told.c_str());
    return told;
  }

  std::string word_of_rank_0(const std::string& otherwise) {
    std::vector<std::byte> nothing(static_cast<std::size_t>(size_));
    const int result =
        functions_.all_gather(nothing.data(), nothing.data(), 0, 1500, why_.data(), static_cast<int>(why_.size()));
    return result == mpi_processes::ended ? std::string{why_.data()} : otherwise;
  }

  [[noreturn]] void fail(const std::string& why) {
    broken_ = why;
    throw error{why, failure::broke};
  }

  const mpi_processes& functions_;
  std::chrono::milliseconds deadline_;
  int rank_ = 0, size_ = 1;
  std::array<char, 1024> why_{};
  std::string broken_;
};

}  // namespace colossus::bench
