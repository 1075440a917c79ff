// SPDX-License-Identifier: Apache-2.0
// colossus-nccl where something is amiss: each case ends with a line of its own that says what to do.
#include "../commands/command.hpp"

#include <dlfcn.h>

#include <map>
#include <vector>

namespace commands {
namespace {

const std::string name = "colossus-nccl";

class startup : public testing::Test {
 public:
  void SetUp() override {
    if (!std::filesystem::exists(programs() / name)) GTEST_SKIP() << name << " was not built: no CUDA or no NCCL";
  }
  /// colossus-nccl in `environment`, with the answers of stubs/pretend_cuda.cpp.
  static std::string pretending(const std::string& environment, const std::string& arguments,
                                const std::filesystem::path& program = programs() / name) {
    return "env -u CUDA_VISIBLE_DEVICES LD_PRELOAD=" + (programs() / "tests" / "pretend_cuda.so").string() + " " +
           environment + " " + program.string() + " " + arguments;
  }
  /// The command ends with `status` and one line that contains `text`.
  static void expect_line(const std::string& command, int status, const std::string& text) {
    const outcome o = shell(command);
    EXPECT_EQ(o.status, status) << command << "\n" << o.err;
    EXPECT_EQ(o.out, "") << command;
    EXPECT_TRUE(o.err.starts_with(name + ": ")) << command << "\n" << o.err;
    EXPECT_EQ(o.err.find('\n'), o.err.size() - 1) << "one line is expected: " << command << "\n" << o.err;
    EXPECT_NE(o.err.find(text), std::string::npos) << command << "\nexpected " << text << "\nfound " << o.err;
  }
  static std::size_t times(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
    return count;
  }
  static bool has_driver() { return ::dlopen("libcuda.so.1", RTLD_LAZY) != nullptr; }
  static int port() { return 21'000 + ::getpid() % 7'000; }
};

TEST_F(startup, needs_no_driver_to_tell_of_itself) {
  const std::string none = "PRETEND_STATUS=35 PRETEND_DRIVER=0";
  for (const auto& [arguments, text] : std::map<std::string, std::string>{
           {"--help", "--id-file"}, {"--list", "all_reduce ring\n"}, {"--plan --algorithm ring -b 1K -e 1K", "ring"}}) {
    for (const std::string& command : {pretending(none, arguments), (programs() / name).string() + " " + arguments}) {
      const outcome o = shell(command);
      EXPECT_EQ(o.status, 0) << command << o.err;
      EXPECT_NE(o.out.find(text), std::string::npos) << command << o.out;
    }
  }
}

TEST_F(startup, says_what_is_amiss_with_driver_and_devices) {
  const std::string older = "PRETEND_STATUS=35 PRETEND_DRIVER=12040 PRETEND_RUNTIME=13000";
  const std::string healthy = "PRETEND_DRIVER=13000 PRETEND_RUNTIME=13000";
  const std::vector<std::pair<std::string, std::string>> cases{
      {"PRETEND_STATUS=35 PRETEND_DRIVER=0", "no NVIDIA driver: libcuda.so.1 is not here: run on a GPU node"},
      {older, "the driver serves CUDA 12.4 and this program's runtime is CUDA 13.0: build with CUDA 12"},
      {healthy + " PRETEND_STATUS=100", "no GPU: the driver (CUDA 13.0) has none to show"},
      {healthy + " PRETEND_STATUS=100 CUDA_VISIBLE_DEVICES=-1",
       "no GPU is visible: CUDA_VISIBLE_DEVICES='-1' hides all: unset it"},
      {healthy + " PRETEND_DEVICES=0 CUDA_VISIBLE_DEVICES=", "no GPU is visible: CUDA_VISIBLE_DEVICES='' hides all"},
      {healthy + " PRETEND_STATUS=802", "(error 802): start the fabric manager"},
      {healthy + " PRETEND_STATUS=803", "(error 803): libcuda.so.1 is of another driver than the kernel's"},
  };
  for (const auto& [environment, text] : cases) expect_line(pretending(environment, "-b 8 -e 8"), 5, text);
}

TEST_F(startup, says_the_same_of_the_real_runtime_where_there_is_no_driver) {
  if (has_driver()) GTEST_SKIP() << "there is a driver";
  expect_refusal(name, "-b 8 -e 8", 5, "no NVIDIA driver: libcuda.so.1 is not here: run on a GPU node");
}

/// A libnccl without most of what this program can use: it starts, tells of itself, and refuses the rest.
TEST_F(startup, with_an_older_library) {
  const auto old = programs().parent_path() / "fake_gpu" / "old";
  if (!std::filesystem::exists(old / "libnccl.so.2")) GTEST_SKIP() << "no library of an older version was built";
  const std::string before =
      "env LD_LIBRARY_PATH=" + old.string() + ":$LD_LIBRARY_PATH " + (programs() / name).string();
  expect_line(before + " -b 8 -e 8", 5, "NCCL 2.17.1 is too old: 2.18 or later is needed: put another libnccl.so.2");
  EXPECT_EQ(shell(before + " --help").status, 0);
  EXPECT_EQ(shell(before + " --list").status, 0);
}

TEST_F(startup, says_which_gpu_is_lacking) {
  const std::string two = "PRETEND_DRIVER=13000 PRETEND_DEVICES=2";
  expect_line(pretending(two, "-g 4 -b 8 -e 8"), 5, "-g 4: 2 GPUs are visible to this process: use a smaller -g");
  expect_line(pretending(two + " RANK=3 WORLD_SIZE=4 LOCAL_RANK=3", "--standalone -b 8 -e 8"), 5,
              "local rank 3 would use GPU 3, and 2 GPUs are visible on its host: start at most 2 processes a host");
}

TEST_F(startup, refuses_variables_that_contradict_each_other) {
  expect_line(pretending("RANK=0 WORLD_SIZE=0", "-b 8 -e 8"), 2, "WORLD_SIZE=0: expected the number of processes");
}

/// Ranks 0 and 2 of 4, with the variables of a launcher.
TEST_F(startup, names_the_missing_half_of_a_world) {
  const std::string gpus = "PRETEND_DRIVER=13000 PRETEND_DEVICES=4 ";
  const auto half = [&](const std::string& variables, const std::string& rank) {
    return "( " + pretending(gpus + variables + " " + rank + "=2", "--deadline 1 -b 8 -e 8") + " & " +
           pretending(gpus + variables + " " + rank + "=0", "--deadline 1 -b 8 -e 8") + "; s=$?; wait; exit $s )";
  };
  const std::string number = std::to_string(port());
  for (const auto& [variables, rank] : std::vector<std::pair<std::string, std::string>>{
           {"WORLD_SIZE=4 LOCAL_RANK=0 MASTER_ADDR=127.0.0.1 TORCHELASTIC_RUN_ID=x MASTER_PORT=" + number, "RANK"},
           {"SLURM_JOB_ID=" + number + " SLURM_STEP_ID=0 SLURM_STEP_NUM_TASKS=4 SLURM_STEP_NODELIST=localhost",
            "SLURM_PROCID"}}) {
    const outcome o = shell(half(variables, rank));
    EXPECT_EQ(o.status, 4) << o.err;
    EXPECT_EQ(times(o.err, "ranks 0,2 of 4 arrived within 1 s; missing 1,3: see what the missing ones say"), 2u)
        << o.err;
  }
}

/// Two processes that find each other; the second with variables of its own.
outcome pair_of(const std::string& first, const std::string& second, const std::string& more = "") {
  const std::string both = "NCCL_SOCKET_IFNAME=lo WORLD_SIZE=2 LOCAL_RANK=0 MASTER_ADDR=127.0.0.1 COLOSSUS_PORT=" +
                           std::to_string(startup::port()) + " RANK=";
  const std::string arguments = "--deadline 4 -b 8 -e 8 " + more;
  return shell("( " + startup::pretending(second + " " + both + "1", arguments) + " & " +
               startup::pretending(first + " " + both + "0", arguments) + "; s=$?; wait; exit $s )");
}

/// One node is without a driver: its processes are named, and nobody waits for them.
TEST_F(startup, names_the_process_that_has_no_driver) {
  const outcome o = pair_of("PRETEND_DRIVER=13000 PRETEND_DEVICES=1", "PRETEND_STATUS=35 PRETEND_DRIVER=0");
  EXPECT_EQ(o.status, 5) << o.err;
  EXPECT_EQ(times(o.err, name + ": process 1 of 2 cannot go on: no NVIDIA driver: libcuda.so.1 is not here"), 1u)
      << o.err;
}

TEST_F(startup, names_the_process_that_sees_too_few_gpus) {
  const outcome o = pair_of("PRETEND_DRIVER=13000 PRETEND_DEVICES=2", "PRETEND_DRIVER=13000 PRETEND_DEVICES=1", "-g 2");
  EXPECT_EQ(o.status, 5) << o.err;
  EXPECT_EQ(times(o.err, name + ": process 1 of 2 cannot go on: -g 2: 1 GPU is visible to this process"), 1u) << o.err;
}

TEST_F(startup, says_once_what_is_amiss_everywhere) {
  const std::string none = "PRETEND_STATUS=35 PRETEND_DRIVER=0";
  const outcome o = pair_of(none, none);
  EXPECT_EQ(o.status, 5) << o.err;
  EXPECT_EQ(times(o.err, name + ": no NVIDIA driver: libcuda.so.1 is not here"), 1u) << o.err;
}

/// The processes have met, and NCCL cannot begin: there is no device in truth.
TEST_F(startup, names_the_ranks_that_are_not_ready) {
  if (has_driver()) GTEST_SKIP() << "there is a driver";
  const std::string pretended = "PRETEND_DRIVER=13000 PRETEND_DEVICES=1";
  const outcome o = pair_of(pretended, pretended);
  EXPECT_EQ(o.status, 4) << o.err;
  EXPECT_NE(o.err.find("the communicator of 2 ranks did not form: no rank is ready, ranks 0-1 are not; the first of "
                       "these says: "),
            std::string::npos)
      << o.err;
}

TEST_F(startup, names_an_id_file_that_nobody_writes) {
  const folder here;
  const outcome o = shell(pretending("PRETEND_DRIVER=13000 PRETEND_DEVICES=1 RANK=1 WORLD_SIZE=2",
                                     "--deadline 0.3 -b 8 -e 8 --id-file " + here / "id"));
  EXPECT_EQ(o.status, 4);
  EXPECT_NE(o.err.find("rank 1 found no rank 0 within 0.3 s: rank 0 has not written the file " + here / "id"),
            std::string::npos)
      << o.err;
}

/// Processes of mpirun whose MPI cannot be opened are told of the other ways.
TEST_F(startup, without_the_module_for_mpi) {
  const folder here;
  std::filesystem::copy_file(programs() / name, here / name);
  const std::string command = pretending(
      "PRETEND_DRIVER=13000 PRETEND_DEVICES=2 OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=2", "-b 8 -e 8", here / name);
  expect_line(command, 5, "mpirun started this, and MPI cannot be opened (");
  expect_line(command, 5, "(--id-file PATH), or set MASTER_ADDR to the host of rank 0");
}

/// As where mpirun is of one MPI and the module is of another: each process is alone in its world.
TEST_F(startup, refuses_a_world_smaller_than_what_mpirun_started) {
  if (!std::filesystem::exists(programs() / "colossus-mpi-processes.so")) GTEST_SKIP() << "no MPI";
  const std::string as_one_of_four =
      "PRETEND_DRIVER=13000 PRETEND_DEVICES=0 OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=4 "
      "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1";
  const std::string seen = std::string{as_one_of_four}.replace(as_one_of_four.find("DEVICES=0"), 9, "DEVICES=2");
  expect_line(pretending(seen, "-b 8 -e 8"), 5, "mpirun started 4 processes, and the world that formed has 1: use the");
  expect_line(pretending(as_one_of_four, "--standalone -b 8 -e 8"), 5, "no GPU");  // it came as far as that
}

/// MPI is opened where it is needed, and only there.
TEST_F(startup, links_neither_mpi_nor_the_driver) {
  const outcome o = shell("ldd " + (programs() / name).string());
  ASSERT_EQ(o.status, 0);
  for (const char* const library : {"libmpi", "libcuda.so", "libnvidia-ml"})
    EXPECT_EQ(o.out.find(library), std::string::npos) << library;
}

}  // namespace
}  // namespace commands
