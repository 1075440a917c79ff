// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/rendezvous_socket.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>

namespace colossus::bench::rendezvous {

enum class kind : std::uint32_t { hello = 1, seen, welcome, refusal, part, whole, abort };

struct header {
  static constexpr std::uint64_t magic = 0x31'7375'7373'6f6cULL;
  std::uint64_t first = magic;
  kind what{};
  std::uint32_t unused = 0;
  std::uint64_t bytes = 0;
};

struct message {
  kind what{};
  std::vector<std::byte> bytes;
  std::string text() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
};

/// A message as it travels.
inline std::shared_ptr<const std::vector<std::byte>> frame(kind what, std::span<const std::byte> bytes) {
  header h{};
  h.what = what;
  h.bytes = bytes.size();
  auto framed = std::make_shared<std::vector<std::byte>>(sizeof h + bytes.size());
  std::memcpy(framed->data(), &h, sizeof h);
  std::copy(bytes.begin(), bytes.end(), framed->begin() + sizeof h);
  return framed;
}

/// Introduces a process to rank 0. Of one layout in all versions, so that they can tell each other apart.
struct hello {
  std::uint32_t version = 1;
  std::int32_t size = 0, rank = 0, pid = 0;
  std::array<char, 128> job{};   ///< that the launcher told
  std::array<char, 64> token{};  ///< that the id file told
  std::array<char, 64> host{};

  std::string who() const {
    return "rank " + std::to_string(rank) + " (host " + host.data() + ", pid " + std::to_string(pid) + ")";
  }
};
static_assert(sizeof(hello) == 272);

/// Copies as much of a text as there is room for, with a zero at its end.
template <std::size_t N>
void copy_text(std::array<char, N>& to, const std::string& from) {
  to.fill('\0');
  std::copy_n(from.begin(), std::min(from.size(), N - 1), to.begin());
}

/// Messages over a connection that never blocks.
class link {
 public:
  link() = default;
  explicit link(tcp_socket s) : socket_{std::move(s)} {}

  int descriptor() const { return socket_.descriptor(); }
  bool open() const { return static_cast<bool>(socket_); }
  bool gone() const { return gone_; }
  void close() { tcp_socket{std::move(socket_)}; }
  /// A peer that has not introduced itself may send this much and no more.
  void expect_at_most(std::uint64_t bytes) { most_ = bytes; }

  /// Sends `framed` when `work` finds room for it. Many links may share one.
  void post(std::shared_ptr<const std::vector<std::byte>> framed) { out_.push_back(std::move(framed)); }
  void post(kind what, const std::string& text) { post(frame(what, std::as_bytes(std::span{text}))); }

  bool has_unsent() const { return !out_.empty() && !gone_; }
  /// What poll is to wait for.
  pollfd interest() const { return {descriptor(), static_cast<short>(has_unsent() ? POLLIN | POLLOUT : POLLIN), 0}; }

  /// Sends and receives what goes without waiting. After an end of the connection `gone` is true.
  void work() {
    if (!open() || gone_) return;
    send_some();
    receive_some();
  }

  /// The next whole message.
  std::optional<message> next() {
    header h{};
    if (in_.size() < sizeof h) return std::nullopt;
    std::memcpy(&h, in_.data(), sizeof h);
    if (h.first != header::magic || h.bytes > most_) {
      gone_ = true;
      in_.clear();
      return std::nullopt;
    }
    if (in_.size() < sizeof h + h.bytes) return std::nullopt;
    const auto begin = in_.begin() + sizeof h, end = begin + static_cast<std::ptrdiff_t>(h.bytes);
    message found{h.what, {begin, end}};
    in_.erase(in_.begin(), end);
    return found;
  }

 private:
  void send_some() {
    while (has_unsent()) {
      const std::vector<std::byte>& first = *out_.front();
      const ssize_t count = ::send(descriptor(), first.data() + sent_, first.size() - sent_, MSG_NOSIGNAL);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0 && errno != EAGAIN) gone_ = true;
      if (count < 0) return;
      sent_ += static_cast<std::size_t>(count);
      if (sent_ == first.size()) out_.pop_front(), sent_ = 0;
    }
  }

  void receive_some() {
    std::array<std::byte, 65'536> piece;
    for (;;) {
      const ssize_t count = ::recv(descriptor(), piece.data(), piece.size(), 0);
      if (count < 0 && errno == EINTR) continue;
      if (count == 0 || (count < 0 && errno != EAGAIN)) gone_ = true;
      if (count <= 0) return;
      in_.insert(in_.end(), piece.begin(), piece.begin() + count);
      if (in_.size() > sizeof(header) + most_) return;  // `next` takes or refuses it first
    }
  }

  tcp_socket socket_;
  std::deque<std::shared_ptr<const std::vector<std::byte>>> out_;
  std::vector<std::byte> in_;
  std::size_t sent_ = 0;
  std::uint64_t most_ = std::uint64_t{1} << 30;
  bool gone_ = false;
};

}  // namespace colossus::bench::rendezvous
