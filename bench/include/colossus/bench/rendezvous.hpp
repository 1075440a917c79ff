// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/launch.hpp>
#include <colossus/bench/rendezvous_spoke.hpp>
#include <colossus/bench/sidecar.hpp>

#include <filesystem>
#include <fstream>

namespace colossus::bench {
namespace rendezvous {

inline hello hello_of(const launch& l) {
  hello own;
  own.size = l.size;
  own.rank = l.rank;
  own.pid = static_cast<std::int32_t>(::getpid());
  copy_text(own.job, l.job);
  copy_text(own.host, host_name());
  return own;
}

inline constexpr std::string_view file_begins = "colossus-rendezvous 1";

/// A file on a path that all processes share, by which rank 0 says where it listens. It is there all at once, and gone
/// at the end unless a later run has replaced it.
class id_file {
 public:
  id_file(std::string path, const place& at) : path_{std::move(path)}, text_{file_begins} {
    text_ += "\nport " + std::to_string(at.port) + "\ntoken " + at.token + "\n";
    for (const std::string& address : at.addresses) text_ += "address " + address + "\n";
    const std::string whole = path_ + "." + at.token;
    std::error_code failed;
    if ((std::ofstream{whole} << text_).flush()) std::filesystem::rename(whole, path_, failed);
    else failed = std::make_error_code(std::errc::io_error);
    if (failed) {
      std::filesystem::remove(whole, failed);
      throw error{"--id-file " + path_ +
                      ": rank 0 cannot write it: name a file in a folder that is there and that all "
                      "hosts share",
                  failure::input};
    }
  }
  id_file(const id_file&) = delete;
  id_file& operator=(const id_file&) = delete;
  ~id_file() {
    std::ifstream file{path_};
    const std::string now{std::istreambuf_iterator<char>{file}, {}};
    std::error_code ignored;
    if (now == text_) std::filesystem::remove(path_, ignored);
  }

 private:
  std::string path_, text_;
};

/// What the file at `path` says now. It may be of an earlier run: then its token is not that of rank 0.
inline place read_id_file(const std::string& path) {
  std::error_code ignored;  // NFS remembers that a file was absent until its folder is read again
  const std::filesystem::directory_iterator fresh{std::filesystem::absolute(path).parent_path(), ignored};
  std::ifstream file{path};
  place found;
  found.unknown = "rank 0 has not written the file " + path + ": is its folder one that all hosts share?";
  std::string line;
  if (!file) return found;
  found.unknown = path + " is no file of a rank 0: name another";
  if (!std::getline(file, line) || line != file_begins) return found;
  while (std::getline(file, line)) {
    const std::string value = line.substr(std::min(line.find(' ') + 1, line.size()));
    if (line.starts_with("port ")) found.port = to_number<int>(std::string_view{value}).value_or(0);
    if (line.starts_with("token ")) found.token = value;
    if (line.starts_with("address ")) found.addresses.push_back(value);
  }
  return found;
}

}  // namespace rendezvous

/// The processes of `l` over TCP at the address and the port that it knows.
inline std::unique_ptr<process_group> meet_at_address(const launch& l, std::chrono::milliseconds deadline) {
  using namespace rendezvous;
  const hello own = hello_of(l);
  const auto soon = std::chrono::steady_clock::now() + std::min(deadline, std::chrono::milliseconds{3'000});
  if (l.rank == 0) return std::make_unique<hub>(listen_at(l.port, soon), own, deadline, "tcp");
  const place at{.addresses = {l.address}, .port = l.port, .token = {}, .unknown = {}};
  return std::make_unique<spoke>([&] { return at; }, own, deadline, "tcp");
}

/// The processes of `l` over TCP at any port; rank 0 writes to `path` where it is.
inline std::unique_ptr<process_group> meet_by_file(const launch& l, const std::string& path,
                                                   std::chrono::milliseconds deadline) {
  using namespace rendezvous;
  hello own = hello_of(l);
  if (l.rank != 0) return std::make_unique<spoke>([&] { return read_id_file(path); }, own, deadline, "file");
  tcp_socket listening = listen_at(0, {});
  const place at{
      .addresses = own_addresses(host_name()), .port = port_of(listening), .token = new_run_id(), .unknown = {}};
  copy_text(own.token, at.token);
  const id_file written{path, at};  // all have come when it goes
  return std::make_unique<hub>(std::move(listening), own, deadline, "file");
}

}  // namespace colossus::bench
