// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/digest.hpp>

#include <mpi.h>

#include <algorithm>
#include <type_traits>
#include <vector>

namespace colossus::bench {

/// What is known of pairs, where each MPI process knows its own; see `pairs_here`. All processes call the same members
/// in the same order. Nothing is as long as the number of processes but sums of numbers, and what comes to rank 0 comes
/// in slices of so many processes: their first ranks gather them, and it takes one slice behind the other.
class mpi_pairs {
 public:
  explicit mpi_pairs(MPI_Comm comm, int slice = 256) : slice_{slice} {
    MPI_Comm_dup(comm, &comm_);
    MPI_Comm_rank(comm_, &rank_);
    MPI_Comm_size(comm_, &size_);
    MPI_Comm_split(comm_, rank_ / slice_, rank_, &neighbours_);
  }
  mpi_pairs(const mpi_pairs&) = delete;
  mpi_pairs& operator=(const mpi_pairs&) = delete;
  ~mpi_pairs() { MPI_Comm_free(&neighbours_), MPI_Comm_free(&comm_); }

  void sum(std::vector<std::int64_t>& counts) const { sum(std::span{counts}); }

  /// Within `digest::relative_error`.
  double median(const std::vector<double>& values) const {
    digest all;
    for (const double each : values) all.add(each);
    sum(all.counts());
    return all.size() == 0 ? 0 : all.quantile(0.5);
  }

  template <class T, class F>
  void tell(const std::vector<T>& mine, F&& use) const {
    std::int64_t most = std::ssize(mine);
    MPI_Allreduce(MPI_IN_PLACE, &most, 1, MPI_INT64_T, MPI_MAX, comm_);
    for (std::int64_t i = 0; i < most; ++i)
      take(i < std::ssize(mine) ? slot<T>{mine[static_cast<std::size_t>(i)], true} : slot<T>{}, use);
  }

 private:
  template <class T>
  struct slot {
    T value{};
    bool there = false;
  };

  void sum(std::span<std::int64_t> counts) const {
    MPI_Allreduce(MPI_IN_PLACE, counts.data(), static_cast<int>(counts.size()), MPI_INT64_T, MPI_SUM, comm_);
  }

  /// One slot of every process.
  template <class T, class F>
  void take(const slot<T>& mine, F& use) const {
    static_assert(std::is_trivially_copyable_v<T>, "its bytes travel");
    constexpr int bytes = sizeof(slot<T>), tag = 1;
    std::vector<slot<T>> slots(static_cast<std::size_t>(std::min(slice_, size_)));
    MPI_Gather(&mine, bytes, MPI_BYTE, slots.data(), bytes, MPI_BYTE, 0, neighbours_);
    if (rank_ != 0 && rank_ % slice_ == 0)
      MPI_Send(slots.data(), bytes * std::min(slice_, size_ - rank_), MPI_BYTE, 0, tag, comm_);
    for (int first = 0; rank_ == 0 && first < size_; first += slice_) {
      const int many = std::min(slice_, size_ - first);
      if (first > 0) MPI_Recv(slots.data(), bytes * many, MPI_BYTE, first, tag, comm_, MPI_STATUS_IGNORE);
      for (int i = 0; i < many; ++i)
        if (slots[static_cast<std::size_t>(i)].there) use(slots[static_cast<std::size_t>(i)].value);
    }
  }

  MPI_Comm comm_ = MPI_COMM_NULL, neighbours_ = MPI_COMM_NULL;
  int slice_, rank_ = 0, size_ = 1;
};

}  // namespace colossus::bench
