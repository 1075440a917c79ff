// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/numbers.hpp>
#include <colossus/error.hpp>

#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

namespace colossus::bench {

/// When to stop waiting.
using deadline_time = std::chrono::steady_clock::time_point;

/// What is left until `deadline`, for poll: never negative, and rounded up so that nobody polls without a pause.
inline int milliseconds_until(deadline_time deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
}

/// An open socket that never blocks; closed at the end.
class tcp_socket {
 public:
  tcp_socket() = default;
  explicit tcp_socket(int descriptor) : descriptor_{descriptor} {
    if (descriptor_ >= 0) ::fcntl(descriptor_, F_SETFL, ::fcntl(descriptor_, F_GETFL, 0) | O_NONBLOCK);
    if (descriptor_ >= 0) ::fcntl(descriptor_, F_SETFD, FD_CLOEXEC);
  }
  tcp_socket(tcp_socket&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}
  tcp_socket& operator=(tcp_socket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~tcp_socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int descriptor() const { return descriptor_; }
  explicit operator bool() const { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

inline std::string system_says(int code) { return std::strerror(code); }

namespace detail {

inline int listen_with(int family, int port, tcp_socket& made) {
  tcp_socket s{::socket(family, SOCK_STREAM, 0)};
  if (!s) return errno;
  const int yes = 1, no = 0;
  ::setsockopt(s.descriptor(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in6 any6{};
  sockaddr_in any4{};
  any6.sin6_family = AF_INET6;
  any4.sin_family = AF_INET;
  any6.sin6_port = any4.sin_port = htons(static_cast<std::uint16_t>(port));
  const bool six = family == AF_INET6;
  if (six) ::setsockopt(s.descriptor(), IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
  const auto* const address = six ? reinterpret_cast<sockaddr*>(&any6) : reinterpret_cast<sockaddr*>(&any4);
  if (::bind(s.descriptor(), address, six ? sizeof any6 : sizeof any4) != 0) return errno;
  if (::listen(s.descriptor(), 4096) != 0) return errno;
  made = std::move(s);
  return 0;
}

/// Where nobody listens, TCP may connect a socket to itself: it would hold the port that rank 0 is to listen at.
inline bool is_connected_to_itself(const tcp_socket& s) {
  sockaddr_storage own{}, other{};
  socklen_t own_size = sizeof own, other_size = sizeof other;
  ::getsockname(s.descriptor(), reinterpret_cast<sockaddr*>(&own), &own_size);
  ::getpeername(s.descriptor(), reinterpret_cast<sockaddr*>(&other), &other_size);
  return own_size == other_size && std::memcmp(&own, &other, own_size) == 0;
}

}  // namespace detail

/// A socket that listens at `port` of all addresses; 0: at a free one. An earlier run may hold the port for a moment,
/// so it is tried until `deadline`.
inline tcp_socket listen_at(int port, deadline_time deadline) {
  tcp_socket made;
  for (;;) {
    int code = detail::listen_with(AF_INET6, port, made);
    if (code != 0 && code != EADDRINUSE) code = detail::listen_with(AF_INET, port, made);
    if (code == 0) return made;
    if (milliseconds_until(deadline) == 0)
      throw error{"rank 0 cannot listen at port " + std::to_string(port) + " of its host (" + system_says(code) +
                      "): an earlier run may still hold it; set COLOSSUS_PORT to a free one for all processes",
                  failure::broke};
    ::poll(nullptr, 0, std::min(100, milliseconds_until(deadline)));
  }
}

inline int port_of(const tcp_socket& listening) {
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  ::getsockname(listening.descriptor(), reinterpret_cast<sockaddr*>(&own), &size);
  return ntohs(own.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(own).sin6_port
                                         : reinterpret_cast<sockaddr_in&>(own).sin_port);
}

/// A connection to `address` and `port`. Empty where there is none before `deadline`; then `why` says why not.
inline tcp_socket connect_to(const std::string& address, int port, deadline_time deadline, std::string& why) {
  addrinfo hints{}, *list = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  if (const int code = ::getaddrinfo(address.c_str(), to_text(port).c_str(), &hints, &list); code != 0) {
    why = ::gai_strerror(code);
    return {};
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner{list, &::freeaddrinfo};
  for (const addrinfo* one = list; one != nullptr; one = one->ai_next) {
    tcp_socket s{::socket(one->ai_family, SOCK_STREAM, 0)};
    int code = s && ::connect(s.descriptor(), one->ai_addr, one->ai_addrlen) == 0 ? 0 : errno;
    if (code == EINPROGRESS) {
      pollfd ready{s.descriptor(), POLLOUT, 0};
      socklen_t size = sizeof code;
      if (::poll(&ready, 1, std::min(milliseconds_until(deadline), 1000)) <= 0) code = ETIMEDOUT;
      else ::getsockopt(s.descriptor(), SOL_SOCKET, SO_ERROR, &code, &size);
    }
    if (code == 0 && !detail::is_connected_to_itself(s)) return s;
    why = system_says(code == 0 ? ECONNREFUSED : code);
  }
  return {};
}

/// How other hosts may reach this one: its name, its addresses, and itself last.
inline std::vector<std::string> own_addresses(const std::string& host) {
  std::vector<std::string> found{host};
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return found;
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner{list, &::freeifaddrs};
  for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr || one->ifa_addr->sa_family != AF_INET || (one->ifa_flags & IFF_UP) == 0) continue;
    char text[NI_MAXHOST] = {};
    if ((one->ifa_flags & IFF_LOOPBACK) == 0 &&
        ::getnameinfo(one->ifa_addr, sizeof(sockaddr_in), text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0)
      found.emplace_back(text);
  }
  found.emplace_back("127.0.0.1");
  return found;
}

}  // namespace colossus::bench
