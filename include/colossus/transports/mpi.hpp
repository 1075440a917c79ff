// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/scratch.hpp>
#include <colossus/error.hpp>
#include <colossus/split.hpp>
#include <colossus/transport.hpp>

#include <mpi.h>

#include <algorithm>
#include <climits>
#include <string>
#include <thread>
#include <vector>

namespace colossus::transports {

/// Ranks are MPI processes. Works on a duplicate of the user's communicator, so that its messages never meet the
/// user's; a lane is a tag. MPI_THREAD_FUNNELED is enough. Made and destroyed by all ranks together, while MPI is
/// initialised.
class mpi {
 public:
  struct options {
    std::chrono::milliseconds deadline{30'000};
    int largest_count = INT_MAX;  ///< bytes above which a message is described in pieces; smaller only to test that
  };

  explicit mpi(MPI_Comm comm) : mpi{comm, options{}} {}
  mpi(MPI_Comm comm, options chosen) : options_{chosen} {
    int ready = 0;
    MPI_Initialized(&ready);
    expects(ready != 0, "the mpi transport needs MPI: call MPI_Init before making it");
    check(MPI_Comm_dup(comm, &comm_), "duplicate the communicator");
    check(MPI_Comm_set_errhandler(comm_, MPI_ERRORS_RETURN), "have errors returned");
    check(MPI_Comm_rank(comm_, &rank_), "ask for the rank");
    check(MPI_Comm_size(comm_, &size_), "ask for the size");
    find_nodes();
  }
  mpi(const mpi&) = delete;
  mpi& operator=(const mpi&) = delete;
  ~mpi() {
    int over = 0;
    MPI_Finalized(&over);
    if (over == 0 && broken_.empty()) MPI_Comm_free(&comm_);  // after an error the others may never come to this
  }

  rank_t rank() const { return rank_; }
  rank_t size() const { return size_; }
  /// Hosts, where their ranks are consecutive and dealt evenly, as `problem` has it; else 1.
  rank_t nodes() const { return nodes_; }
  patience waits() const {
    const bool roomy = static_cast<unsigned>(ranks_here_) <= std::thread::hardware_concurrency();
    return {.spins = roomy ? 1000 : 4, .deadline = options_.deadline};
  }
  std::span<std::byte> buffer(int slot, std::size_t bytes) { return scratch_(slot, bytes); }

  struct request {
    rank_t to = nobody;
    rank_t from = nobody;
    MPI_Request out = MPI_REQUEST_NULL;
    MPI_Request in = MPI_REQUEST_NULL;
    std::size_t expected = 0;
  };

  request start(int lane, rank_t to, std::span<const std::byte> out, rank_t from, std::span<std::byte> in) {
    if (!broken_.empty()) throw error{name() + " cannot go on after an error: " + broken_, failure::broke};
    request started{.to = to, .from = from, .expected = in.size()};
    if (from != nobody)
      described(in.size(), [&](int count, MPI_Datatype type) {
        check(MPI_Irecv(in.data(), count, type, from, lane, comm_, &started.in), "receive from", from);
      });
    if (to != nobody)
      described(out.size(), [&](int count, MPI_Datatype type) {
        check(MPI_Isend(out.data(), count, type, to, lane, comm_, &started.out), "send to", to);
      });
    return started;
  }

  bool test(request& pending) {
    MPI_Status status{};
    int ended = 0;
    if (pending.from != nobody) {
      check(MPI_Test(&pending.in, &ended, &status), "receive from", pending.from);
      if (ended) check_size(pending, status), pending.from = nobody;
    }
    if (pending.to != nobody) {
      check(MPI_Test(&pending.out, &ended, MPI_STATUS_IGNORE), "send to", pending.to);
      if (ended) pending.to = nobody;
    }
    return pending.to == nobody && pending.from == nobody;
  }

  /// MPI cannot take back what a peer has begun to read: memory that was being sent stays in use until MPI_Finalize.
  void cancel(request& pending) noexcept {
    if (pending.in != MPI_REQUEST_NULL) {
      MPI_Cancel(&pending.in);
      for (int looks = 0, ended = 0; looks < 1000 && !ended; ++looks) MPI_Test(&pending.in, &ended, MPI_STATUS_IGNORE);
    }
    for (MPI_Request* left : {&pending.in, &pending.out})
      if (*left != MPI_REQUEST_NULL) MPI_Request_free(left);
    pending = {};
  }

  /// MPI has no word for this: the others notice by their deadline.
  void fail(std::string_view why) noexcept { broken_ = why.empty() ? "unknown" : why; }

 private:
  std::string name() const { return "rank " + std::to_string(rank_); }

  void check(int code, const char* what, rank_t peer = nobody) const {
    if (code == MPI_SUCCESS) return;
    int error_class = MPI_SUCCESS, length = 0;
    char text[MPI_MAX_ERROR_STRING] = {};
    MPI_Error_class(code, &error_class);
    MPI_Error_string(code, text, &length);
    const char* hint = error_class == MPI_ERR_TRUNCATE
                           ? "; all ranks must call the same collective with the same algorithm and count"
                           : "";
    throw error{name() + " could not " + what + (peer == nobody ? "" : " rank " + std::to_string(peer)) +
                    ": MPI says " + std::string{text, static_cast<std::size_t>(length)} + hint,
                failure::broke};
  }

  /// What arrived is as long as was expected; MPI itself only refuses what is longer.
  void check_size(const request& pending, const MPI_Status& status) const {
    MPI_Count bytes = 0;
    MPI_Get_elements_x(&status, MPI_BYTE, &bytes);
    if (static_cast<std::size_t>(bytes) != pending.expected)
      throw error{name() + " expects " + std::to_string(pending.expected) + " bytes from rank " +
                      std::to_string(pending.from) + " and is sent " + std::to_string(bytes) +
                      ": all ranks must call the same collective with the same algorithm and count",
                  failure::broke};
  }

  /// Calls `use(count, type)` for a message of `bytes`. More than an int can count goes as one datum: equal pieces and
  /// the rest.
  template <class Use>
  void described(std::size_t bytes, Use&& use) const {
    const auto most = static_cast<std::size_t>(options_.largest_count);
    if (bytes <= most) return use(static_cast<int>(bytes), MPI_BYTE);
    MPI_Datatype piece{}, whole{};
    check(MPI_Type_contiguous(static_cast<int>(most), MPI_BYTE, &piece), "describe a large message");
    const int lengths[] = {static_cast<int>(bytes / most), static_cast<int>(bytes % most)};
    const MPI_Aint offsets[] = {0, static_cast<MPI_Aint>(bytes - bytes % most)};
    const MPI_Datatype types[] = {piece, MPI_BYTE};
    check(MPI_Type_create_struct(2, lengths, offsets, types, &whole), "describe a large message");
    check(MPI_Type_commit(&whole), "describe a large message");
    use(1, whole);
    MPI_Type_free(&whole);  // in effect once the message has ended
    MPI_Type_free(&piece);
  }

  /// The hosts: ranks that can share memory. A host is known by its lowest rank.
  void find_nodes() {
    MPI_Comm here{};
    check(MPI_Comm_split_type(comm_, MPI_COMM_TYPE_SHARED, rank_, MPI_INFO_NULL, &here), "find the hosts");
    int lowest = rank_;
    check(MPI_Bcast(&lowest, 1, MPI_INT, 0, here), "find the hosts");
    MPI_Comm_size(here, &ranks_here_);
    MPI_Comm_free(&here);
    std::vector<int> host(static_cast<std::size_t>(size_));
    check(MPI_Allgather(&lowest, 1, MPI_INT, host.data(), 1, MPI_INT, comm_), "find the hosts");
    nodes_ = nodes_in_order(host);
  }

  static rank_t nodes_in_order(const std::vector<int>& host) {
    rank_t nodes = 0;
    for (std::size_t rank = 0; rank < host.size(); ++rank) nodes += host[rank] == static_cast<int>(rank);
    const split dealt{std::ssize(host), nodes};
    for (std::int64_t rank = 0; rank < std::ssize(host); ++rank)
      if (host[static_cast<std::size_t>(rank)] != dealt.first(dealt.part_of(rank))) return 1;
    return nodes;
  }

  options options_;
  MPI_Comm comm_ = MPI_COMM_NULL;
  int rank_ = 0;
  int size_ = 1;
  int ranks_here_ = 1;
  rank_t nodes_ = 1;
  std::string broken_;
  detail::scratch scratch_;
};

static_assert(exchanger<mpi>);

}  // namespace colossus::transports
