// SPDX-License-Identifier: Apache-2.0
#include <colossus/bench/agree.hpp>
#include <colossus/bench/rendezvous.hpp>

#include <gtest/gtest.h>

#include <sys/wait.h>

#include <atomic>
#include <thread>

namespace colossus::bench {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

/// How one process of a test fared.
struct fate {
  std::string error;
  std::vector<int> gathered;
};

/// A port that nobody held a moment ago.
int free_port() { return port_of(listen_at(0, {})); }

launch place_of(int rank, int size, int port, const std::string& job = "job 1") {
  launch l{.launcher = "test", .rank = rank, .size = size};
  l.address = "127.0.0.1";
  l.port = port;
  l.job = job;
  return l;
}

/// Runs `work` as one process of each launch, in threads.
template <class Work>
std::vector<fate> each(const std::vector<launch>& launches, Work&& work) {
  std::vector<fate> fates(launches.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < launches.size(); ++i)
    threads.emplace_back([&, i] {
      try {
        work(launches[i], fates[i]);
      } catch (const error& e) {
        fates[i].error = e.what();
      }
    });
  for (std::thread& t : threads) t.join();
  return fates;
}

/// The same, where the work is to gather ten times the rank.
std::vector<fate> meet(const std::vector<launch>& launches, std::chrono::milliseconds deadline) {
  return each(launches, [&](const launch& l, fate& f) {
    const auto all = meet_at_address(l, deadline);
    f.gathered = gather(*all, 10 * l.rank);
  });
}

std::vector<launch> world(int size, int port) {
  std::vector<launch> all;
  for (int rank = 0; rank < size; ++rank) all.push_back(place_of(rank, size, port));
  return all;
}

/// The text of `who` may carry any process number and host.
std::string plain(std::string text) {
  for (std::size_t at; (at = text.find(" (host ")) != std::string::npos;) text.erase(at, text.find(')', at) + 1 - at);
  return text;
}

TEST(rendezvous, gathers_in_the_order_of_ranks) {
  for (const int size : {1, 2, 3, 16}) {
    std::vector<int> expected;
    for (int rank = 0; rank < size; ++rank) expected.push_back(10 * rank);
    for (const fate& f : meet(world(size, free_port()), 20s)) {
      EXPECT_EQ(f.error, "") << size;
      EXPECT_EQ(f.gathered, expected) << size;
    }
  }
}

TEST(rendezvous, repeats_with_little_and_much) {
  const auto fates = each(world(4, free_port()), [&](const launch& l, fate& f) {
    const auto all = meet_at_address(l, 20s);
    for (int turn = 0; turn < 200; ++turn) {
      const auto found = gather(*all, turn * 100 + l.rank);
      for (int rank = 0; rank < 4; ++rank) EXPECT_EQ(found[static_cast<std::size_t>(rank)], turn * 100 + rank);
      barrier(*all);
    }
    const std::vector<std::byte> mine(3'000'000, static_cast<std::byte>(l.rank));
    const auto whole = all->all_gather(mine);
    ASSERT_EQ(whole.size(), 4 * mine.size());
    for (std::size_t rank = 0; rank < 4; ++rank) {
      EXPECT_EQ(whole[rank * mine.size()], static_cast<std::byte>(rank));
      EXPECT_EQ(whole[(rank + 1) * mine.size() - 1], static_cast<std::byte>(rank));
    }
    EXPECT_TRUE(any(*all, l.rank == 2));
    EXPECT_FALSE(any(*all, false));
    EXPECT_EQ(max(*all, l.rank == 1 ? 7.5 : 1.0).rank, 1);
    EXPECT_EQ(gather_text(*all, "host" + std::to_string(l.rank))[3], "host3");
    f.gathered = {1};
  });
  for (const fate& f : fates) EXPECT_EQ(f.error, "");
}

TEST(rendezvous, waits_for_a_late_rank) {
  for (const int late : {0, 2}) {
    const auto fates = each(world(3, free_port()), [&](const launch& l, fate& f) {
      if (l.rank == late) std::this_thread::sleep_for(400ms);
      f.gathered = gather(*meet_at_address(l, 20s), l.rank);
    });
    for (const fate& f : fates) EXPECT_EQ(f.gathered, (std::vector<int>{0, 1, 2})) << f.error;
  }
}

TEST(rendezvous, names_who_is_missing_to_all_who_came) {
  auto some = world(8, free_port());
  for (const std::ptrdiff_t missing : {7, 6, 4}) some.erase(some.begin() + missing);
  const auto began = clock::now();
  for (const fate& f : meet(some, 700ms))
    EXPECT_EQ(f.error,
              "ranks 0-3,5 of 8 arrived within 0.7 s; missing 4,6-7: see what the missing ones say, or wait longer "
              "(--deadline)");
  EXPECT_LT(clock::now() - began, 5s);
}

TEST(rendezvous, says_that_nobody_listens) {
  const int port = free_port();
  const auto fates = meet({place_of(1, 2, port)}, 300ms);
  EXPECT_EQ(fates[0].error, "rank 1 found no rank 0 within 0.3 s: 127.0.0.1:" + std::to_string(port) +
                                " (Connection refused): is rank 0 started, on the host of that address?");
}

TEST(rendezvous, refuses_two_of_one_rank) {
  auto all = world(3, free_port());
  all.push_back(all[2]);
  all.erase(all.begin() + 1);  // so that the world is not whole before the second comes
  const auto fates = meet(all, 1s);
  for (const fate& f : fates)
    EXPECT_EQ(plain(f.error), "two processes say that they are rank 2: rank 2 and rank 2: start each rank once");
}

TEST(rendezvous, refuses_another_number_of_processes) {
  const int port = free_port();
  const auto fates = meet({place_of(0, 3, port), place_of(1, 3, port), place_of(2, 4, port)}, 1s);
  for (const std::size_t told : {0, 2})
    EXPECT_EQ(plain(fates[told].error), "rank 2 was told of 4 processes, rank 0 of 3: start all with the same number");
}

TEST(rendezvous, goes_on_without_a_peer_of_another_job_and_names_it) {
  const int port = free_port();
  const auto fates = meet({place_of(0, 2, port), place_of(1, 2, port, "job 2")}, 700ms);
  EXPECT_EQ(plain(fates[0].error),
            "rank 0 of 2 arrived within 0.7 s; missing 1; refused rank 1, which is of job 'job 2', this is job 'job "
            "1': see what the missing ones say, or wait longer (--deadline)");
  EXPECT_NE(fates[1].error.find("is of job 'job 2', this is job 'job 1'"), std::string::npos) << fates[1].error;
}

TEST(rendezvous, tells_a_peer_of_another_version) {
  const int port = free_port();
  std::string told;
  std::thread newer{[&] {
    std::string why;
    tcp_socket s;
    while (!(s = connect_to("127.0.0.1", port, clock::now() + 1s, why))) std::this_thread::sleep_for(10ms);
    rendezvous::link to_rank_0{std::move(s)};
    rendezvous::hello mine = rendezvous::hello_of(place_of(1, 2, port));
    mine.version = 2;
    to_rank_0.post(rendezvous::frame(rendezvous::kind::hello, std::as_bytes(std::span{&mine, 1})));
    while (told.empty() && !to_rank_0.gone()) {
      to_rank_0.work();
      if (const auto found = to_rank_0.next()) told = found->text();
    }
  }};
  const auto fates = meet({place_of(0, 2, port)}, 700ms);
  newer.join();
  EXPECT_EQ(plain(told), "rank 1 is of another version of this program");
  EXPECT_NE(plain(fates[0].error).find("refused rank 1, which is of another version of this program"),
            std::string::npos);
}

/// Whoever says nothing stays and is not minded; whoever says what no process of a run would is shown out.
TEST(rendezvous, goes_on_where_strangers_call) {
  const int port = free_port();
  rendezvous::header too_much;
  too_much.what = rendezvous::kind::hello;
  too_much.bytes = 1 << 20;
  const std::vector<std::string> words{
      "", "GET / HTTP/1.1\r\nHost: gpu07\r\n\r\n", {reinterpret_cast<const char*>(&too_much), sizeof too_much}};
  std::vector<bool> shown_out(words.size());
  std::atomic<bool> over{false};
  std::thread strangers{[&] {
    for (std::size_t i = words.size(); i-- > 0;) {
      std::string why;
      tcp_socket s;
      while (!(s = connect_to("127.0.0.1", port, clock::now() + 1s, why))) std::this_thread::sleep_for(10ms);
      ::send(s.descriptor(), words[i].data(), words[i].size(), MSG_NOSIGNAL);
      pollfd ended{s.descriptor(), POLLIN, 0};
      shown_out[i] = ::poll(&ended, 1, i == 0 ? 200 : 2000) == 1;
      over = i == 0;
      if (over) std::this_thread::sleep_for(300ms);  // it stays while the others meet
    }
  }};
  const auto fates = each(world(2, port), [&](const launch& l, fate& f) {
    while (l.rank == 1 && !over) std::this_thread::sleep_for(10ms);
    f.gathered = gather(*meet_at_address(l, 20s), l.rank);
  });
  strangers.join();
  for (const fate& f : fates) EXPECT_EQ(f.gathered, (std::vector<int>{0, 1})) << f.error;
  EXPECT_EQ(shown_out, (std::vector<bool>{false, true, true}));
}

TEST(rendezvous, tells_all_why_one_aborts) {
  for (const int who : {0, 2}) {
    const auto fates = each(world(4, free_port()), [&](const launch& l, fate&) {
      const auto all = meet_at_address(l, 20s);
      barrier(*all);
      if (l.rank == who) return all->abort("out of memory");
      barrier(*all);
    });
    for (int rank = 0; rank < 4; ++rank)
      EXPECT_EQ(plain(fates[static_cast<std::size_t>(rank)].error),
                rank == who ? "" : "rank " + std::to_string(who) + " ended the run: out of memory");
  }
}

TEST(agree, has_all_throw_what_one_meets) {
  const auto agreeing = [](int size, auto&& throws) {
    return each(world(size, free_port()), [&](const launch& l, fate& f) {
      const auto all = meet_at_address(l, 20s);
      agree(*all, [&] { expects(!throws(l.rank), "no GPU on " + std::to_string(l.rank), failure::unavailable); });
      f.gathered = {1};
    });
  };
  for (const fate& f : agreeing(4, [](int) { return false; })) EXPECT_EQ(f.gathered, std::vector<int>{1}) << f.error;
  for (const fate& f : agreeing(4, [](int rank) { return rank == 1 || rank == 2; }))
    EXPECT_EQ(f.error, "processes 1-2 of 4 cannot go on: no GPU on 1");
  for (const fate& f : agreeing(2, [](int rank) { return rank == 1; }))
    EXPECT_EQ(f.error, "process 1 of 2 cannot go on: no GPU on 1");
  for (const fate& f : agreeing(2, [](int) { return true; })) EXPECT_EQ(f.error, "no GPU on 0");
}

TEST(rendezvous, names_a_rank_that_keeps_silent) {
  const auto fates = each(world(3, free_port()), [&](const launch& l, fate&) {
    const auto all = meet_at_address(l, 700ms);
    if (l.rank == 1) std::this_thread::sleep_for(2s);
    barrier(*all);
  });
  for (const fate& f : fates)
    EXPECT_EQ(plain(f.error), "rank 1 sends no word within 0.7 s: see what it says, or wait longer (--deadline)");
}

TEST(rendezvous, refuses_unequal_parts) {
  const auto fates = each(world(2, free_port()), [&](const launch& l, fate&) {
    const auto all = meet_at_address(l, 5s);
    all->all_gather(std::vector<std::byte>(l.rank == 0 ? 4 : 8));
  });
  for (const fate& f : fates)
    EXPECT_EQ(plain(f.error), "rank 1 sends 8 bytes where rank 0 sends 4: start all with the same command line");
}

/// Processes, not threads: one of them is killed, and its connection ends as the system ends it.
TEST(rendezvous, names_a_process_that_died) {
  const int port = free_port();
  std::vector<pid_t> children;
  for (int rank = 1; rank < 3; ++rank) {
    const pid_t child = ::fork();
    if (child == 0) {
      try {
        const auto all = meet_at_address(place_of(rank, 3, port), 10s);
        barrier(*all);
        if (rank == 2) ::kill(::getpid(), SIGKILL);
        barrier(*all);
      } catch (const error& e) {
        ::_exit(plain(e.what()) == "rank 2 is gone: see what it says" ? 7 : 8);
      }
      ::_exit(0);
    }
    children.push_back(child);
  }
  const auto fates = each({place_of(0, 3, port)}, [&](const launch& l, fate&) {
    const auto all = meet_at_address(l, 10s);
    barrier(*all);
    barrier(*all);
  });
  EXPECT_EQ(plain(fates[0].error), "rank 2 is gone: see what it says");
  int first = 0, second = 0;
  ::waitpid(children[0], &first, 0);
  ::waitpid(children[1], &second, 0);
  EXPECT_EQ(WEXITSTATUS(first), 7);
  EXPECT_TRUE(WIFSIGNALED(second));
}

/// A folder and a file name in it.
class id_file : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::vector<fate> meet_here(int size, std::chrono::milliseconds deadline = 20s, int first = 0) const {
    auto all = world(size, 0);
    all.erase(all.begin(), all.begin() + first);
    return each(all, [&](const launch& l, fate& f) {
      if (l.rank == 0) std::this_thread::sleep_for(200ms);  // the others look at what an earlier run left
      f.gathered = gather(*meet_by_file(l, path_, deadline), l.rank);
    });
  }
  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("colossus-rendezvous-" + std::to_string(::getpid()));
  const std::string path_ = folder_ / "id";
};

TEST_F(id_file, brings_all_together_and_is_gone) {
  for (const fate& f : meet_here(4)) EXPECT_EQ(f.gathered, (std::vector<int>{0, 1, 2, 3})) << f.error;
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(id_file, of_an_earlier_run_is_not_believed) {
  std::ofstream{path_} << "colossus-rendezvous 1\nport " << free_port() << "\ntoken old\naddress 127.0.0.1\n";
  for (const fate& f : meet_here(3)) EXPECT_EQ(f.gathered, (std::vector<int>{0, 1, 2})) << f.error;
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

/// The port of the earlier run is now that of another run.
TEST_F(id_file, of_an_earlier_run_does_not_lead_to_another_run) {
  const int port = free_port();
  std::ofstream{path_} << "colossus-rendezvous 1\nport " << port << "\ntoken old\naddress 127.0.0.1\n";
  std::string other;
  std::thread run{[&] { other = meet({place_of(0, 3, port)}, 1s)[0].error; }};
  for (const fate& f : meet_here(3)) EXPECT_EQ(f.gathered, (std::vector<int>{0, 1, 2})) << f.error;
  run.join();
  EXPECT_TRUE(other.starts_with("rank 0 of 3 arrived within 1 s; missing 1-2; refused rank ")) << other;
  EXPECT_NE(other.find("has the id of an earlier run"), std::string::npos) << other;
}

TEST_F(id_file, that_never_comes_is_named) {
  const auto fates = meet_here(2, 300ms, 1);
  EXPECT_EQ(fates[0].error, "rank 1 found no rank 0 within 0.3 s: rank 0 has not written the file " + path_ +
                                ": is its folder one that all hosts share?");
}

TEST_F(id_file, that_cannot_be_written_is_named) {
  std::filesystem::remove_all(folder_);
  const auto fates = meet_here(1);
  EXPECT_TRUE(fates[0].error.starts_with("--id-file " + path_ + ": rank 0 cannot write it")) << fates[0].error;
}

TEST(rank_list, is_short) {
  EXPECT_EQ(rank_list(std::vector<int>{0, 1, 2, 3, 5, 7, 8}), "0-3,5,7-8");
  EXPECT_EQ(rank_list(std::vector<int>{}), "");
  EXPECT_EQ(roll_call(3, 1s, [](int rank) { return rank == 0; }), "rank 0 of 3 arrived within 1 s; missing 1-2");
}

}  // namespace
}  // namespace colossus::bench
