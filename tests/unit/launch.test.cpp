// SPDX-License-Identifier: Apache-2.0
#include <colossus/bench/devices_of.hpp>
#include <colossus/bench/expect_whole_world.hpp>
#include <colossus/bench/launch.hpp>

#include <gtest/gtest.h>

namespace colossus::bench {
namespace {

/// What a launcher sets, and what we make of it.
struct row {
  const char* name;
  environment variables;
  launch expected;
};

const environment torchrun{{"RANK", "5"},
                           {"WORLD_SIZE", "8"},
                           {"LOCAL_RANK", "1"},
                           {"LOCAL_WORLD_SIZE", "4"},
                           {"MASTER_ADDR", "gpu1"},
                           {"MASTER_PORT", "29500"},
                           {"TORCHELASTIC_RUN_ID", "none"},
                           {"TORCHELASTIC_RESTART_COUNT", "0"}};
const environment openmpi{{"OMPI_COMM_WORLD_RANK", "3"},
                          {"OMPI_COMM_WORLD_SIZE", "4"},
                          {"OMPI_COMM_WORLD_LOCAL_RANK", "1"},
                          {"OMPI_COMM_WORLD_LOCAL_SIZE", "2"},
                          {"PMIX_RANK", "3"},
                          {"PMIX_NAMESPACE", "prterun-a-1@1"}};
const environment hydra{
    {"PMI_RANK", "6"}, {"PMI_SIZE", "8"}, {"MPI_LOCALRANKID", "2"}, {"MPI_LOCALNRANKS", "4"}, {"PMI_JOBID", "kvs_9"}};
const environment step{{"SLURM_JOB_ID", "4711"},
                       {"SLURM_STEP_ID", "2"},
                       {"SLURM_PROCID", "6"},
                       {"SLURM_LOCALID", "2"},
                       {"SLURM_NODEID", "1"},
                       {"SLURM_NTASKS", "7"},
                       {"SLURM_STEP_NUM_TASKS", "7"},
                       {"SLURM_STEP_TASKS_PER_NODE", "4,3"},
                       {"SLURM_STEP_NODELIST", "gpu[07-08]"},
                       {"SLURM_LAUNCH_NODE_IPADDR", "10.0.0.1"}};
/// The script of sbatch itself: one process, whatever the job may start.
const environment batch{{"SLURM_JOB_ID", "4711"}, {"SLURM_PROCID", "0"},         {"SLURM_LOCALID", "0"},
                        {"SLURM_NTASKS", "8"},    {"SLURM_TASKS_PER_NODE", "4"}, {"SLURM_JOB_NODELIST", "gpu[07-08]"}};
/// A shell by srun --pty, or the step that salloc makes.
const environment shell{{"SLURM_JOB_ID", "4711"},        {"SLURM_STEP_ID", "4294967290"}, {"SLURM_PROCID", "0"},
                        {"SLURM_LOCALID", "0"},          {"SLURM_NTASKS", "8"},           {"SLURM_STEP_NUM_TASKS", "1"},
                        {"SLURM_STEP_NODELIST", "gpu07"}};
/// One task a node, which starts a launcher of its own there.
const environment task_per_node{{"SLURM_JOB_ID", "4711"},
                                {"SLURM_STEP_ID", "0"},
                                {"SLURM_PROCID", "1"},
                                {"SLURM_LOCALID", "0"},
                                {"SLURM_NODEID", "1"},
                                {"SLURM_STEP_NUM_TASKS", "2"},
                                {"SLURM_STEP_TASKS_PER_NODE", "1(x2)"},
                                {"SLURM_STEP_NODELIST", "gpu[07-08]"}};

environment both(environment first, const environment& second) {
  for (const auto& [name, value] : second) first[name] = value;
  return first;
}
environment without(environment all, const char* name) {
  all.erase(name);
  return all;
}

const launch by_torchrun{"torchrun", 5, 8, 1, 4, 8, false, "gpu1", 29517, "none.0"};
const launch by_openmpi{"mpirun", 3, 4, 1, 2, 4, true, "", 0, "prterun-a-1@1"};
const launch by_hydra{"mpiexec", 6, 8, 2, 4, 8, true, "", 0, "kvs_9"};
const launch by_srun{"srun", 6, 7, 2, 3, 7, false, "gpu07", port_of_step(4711, 2), "4711.2"};

const std::vector<row> table{
    {"nothing", {}, {}},
    {"MASTER_ADDR alone", {{"MASTER_ADDR", "gpu1"}, {"MASTER_PORT", "29500"}}, {}},
    {"RANK without WORLD_SIZE", {{"RANK", "3"}}, {}},
    {"torchrun", torchrun, by_torchrun},
    {"torchrun, second try",
     both(torchrun, {{"TORCHELASTIC_RESTART_COUNT", "1"}}),
     {"torchrun", 5, 8, 1, 4, 8, false, "gpu1", 29517, "none.1"}},
    {"torchrun, last port",
     both(torchrun, {{"MASTER_PORT", "65530"}}),
     {"torchrun", 5, 8, 1, 4, 8, false, "gpu1", 65513, "none.0"}},
    {"COLOSSUS_PORT",
     both(torchrun, {{"COLOSSUS_PORT", "4242"}}),
     {"torchrun", 5, 8, 1, 4, 8, false, "gpu1", 4242, "none.0"}},
    {"torchrun of one",
     both(torchrun, {{"RANK", "0"}, {"WORLD_SIZE", "1"}, {"LOCAL_RANK", "0"}, {"LOCAL_WORLD_SIZE", "1"}}),
     {"torchrun", 0, 1, 0, 1, 1, false, "gpu1", 29517, "none.0"}},
    {"torchrun under srun", both(task_per_node, torchrun), by_torchrun},
    {"torchrun under mpirun", both(openmpi, torchrun), by_torchrun},
    {"torchrun's name left over", {{"TORCHELASTIC_RUN_ID", "none"}}, {}},
    {"Open MPI", openmpi, by_openmpi},
    {"Open MPI in a batch script", both(batch, openmpi), by_openmpi},
    {"Open MPI whose daemons are a step", both(task_per_node, openmpi), by_openmpi},
    {"Open MPI, address exported",
     both(openmpi, {{"MASTER_ADDR", "gpu1"}}),
     {"mpirun", 3, 4, 1, 2, 4, true, "gpu1", 29517, "prterun-a-1@1"}},
    {"Open MPI, RANK exported for others", both(openmpi, {{"RANK", "0"}, {"WORLD_SIZE", "1"}}), by_openmpi},
    {"MVAPICH2",
     {{"MV2_COMM_WORLD_RANK", "1"},
      {"MV2_COMM_WORLD_SIZE", "2"},
      {"MV2_COMM_WORLD_LOCAL_RANK", "0"},
      {"MV2_COMM_WORLD_LOCAL_SIZE", "1"}},
     {"mpirun", 1, 2, 0, 1, 2, true, "", 0, ""}},
    {"MPICH and Intel", hydra, by_hydra},
    {"MPICH in a batch script", both(batch, hydra), by_hydra},
    {"MPICH whose proxies are a step", both(task_per_node, hydra), by_hydra},
    {"PALS",
     {{"PMI_RANK", "3"}, {"PMI_SIZE", "4"}, {"PMI_LOCAL_RANK", "1"}, {"PMI_LOCAL_SIZE", "2"}},
     {"mpiexec", 3, 4, 1, 2, 4, true, "", 0, ""}},
    {"PRRTE says no size",
     {{"PMIX_RANK", "2"}, {"PMIX_NAMESPACE", "prterun-a-7@1"}},
     {"prterun", 2, 0, -1, -1, 1, true, "", 0, "prterun-a-7@1"}},
    {"srun", step, by_srun},
    {"srun --mpi=pmix", both(step, {{"PMIX_RANK", "6"}, {"PMIX_NAMESPACE", "slurm.pmix.4711.2"}}), by_srun},
    {"srun --mpi=pmi2", both(step, {{"PMI_RANK", "6"}, {"PMI_SIZE", "7"}}), by_srun},
    {"srun, RANK exported for others", both(step, {{"RANK", "0"}, {"WORLD_SIZE", "64"}}), by_srun},
    {"srun, all of RANK exported for others", both(step, {{"RANK", "0"}, {"WORLD_SIZE", "7"}, {"LOCAL_RANK", "0"}}),
     by_srun},
    {"srun, address exported",
     both(step, {{"MASTER_ADDR", "gpu08"}, {"MASTER_PORT", "12345"}}),
     {"srun", 6, 7, 2, 3, 7, false, "gpu08", 12362, "4711.2"}},
    {"srun without a list of tasks",
     without(step, "SLURM_STEP_TASKS_PER_NODE"),
     {"srun", 6, 7, 2, -1, 7, false, "gpu07", port_of_step(4711, 2), "4711.2"}},
    {"a launcher of others under srun",
     both(task_per_node,
          {{"RANK", "5"}, {"WORLD_SIZE", "8"}, {"LOCAL_RANK", "1"}, {"MASTER_ADDR", "gpu07"}, {"MASTER_PORT", "500"}}),
     {"environment", 5, 8, 1, -1, 8, false, "gpu07", 517, ""}},
    {"sbatch without srun", batch, {}},
    {"srun --pty or salloc", shell, {}},
    {"by hand in such a shell",
     both(shell, {{"RANK", "1"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "gpu07"}}),
     {"environment", 1, 2, -1, -1, 2, false, "gpu07", 29517, ""}},
    {"pods with RANK and WORLD_SIZE",
     {{"RANK", "0"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "job-0"}, {"MASTER_PORT", "23456"}},
     {"environment", 0, 2, -1, -1, 2, false, "job-0", 23473, ""}},
    {"Flux",
     {{"FLUX_TASK_RANK", "2"}, {"FLUX_JOB_SIZE", "4"}, {"FLUX_TASK_LOCAL_ID", "0"}, {"FLUX_JOB_ID", "f1"}},
     {"flux", 2, 4, 0, -1, 4, false, "", 0, "f1"}},
};

TEST(launch, is_what_the_innermost_launcher_says) {
  for (const row& r : table) {
    const launch found = find_launch(r.variables);
    EXPECT_EQ(found.launcher, r.expected.launcher) << r.name;
    EXPECT_EQ(found.rank, r.expected.rank) << r.name;
    EXPECT_EQ(found.size, r.expected.size) << r.name;
    EXPECT_EQ(found.local_rank, r.expected.local_rank) << r.name;
    EXPECT_EQ(found.local_size, r.expected.local_size) << r.name;
    EXPECT_EQ(found.step_tasks, r.expected.step_tasks) << r.name;
    EXPECT_EQ(found.mpi, r.expected.mpi) << r.name;
    EXPECT_EQ(found.address, r.expected.address) << r.name;
    EXPECT_EQ(found.port, r.expected.port) << r.name;
    EXPECT_EQ(found.job, r.expected.job) << r.name;
  }
}

/// The error of `f`, or nothing.
template <class F>
std::string said(F&& f) {
  try {
    f();
  } catch (const error& e) {
    return e.what();
  }
  return {};
}

TEST(launch, refuses_what_contradicts_itself) {
  const auto of = [](const environment& env) { return said([&] { find_launch(env); }); };
  EXPECT_TRUE(of({{"RANK", "4"}, {"WORLD_SIZE", "4"}}).starts_with("RANK='4': expected a number from 0 to 3"));
  EXPECT_TRUE(of({{"RANK", "0"}, {"WORLD_SIZE", "0"}}).starts_with("WORLD_SIZE=0: expected the number of processes"));
  EXPECT_TRUE(of({{"RANK", "0"}, {"WORLD_SIZE", "two"}}).starts_with("WORLD_SIZE='two': expected a number"));
  EXPECT_TRUE(of(both(torchrun, {{"MASTER_PORT", "70000"}})).starts_with("MASTER_PORT='70000': expected a number"));
}

TEST(launch, reads_short_forms_of_slurm) {
  for (const auto& [list, host] : std::map<std::string, std::string>{{"gpu7", "gpu7"},
                                                                     {"a,b", "a"},
                                                                     {"gpu[07-12,19]", "gpu07"},
                                                                     {"gpu[3,5]-ib,x", "gpu3-ib"},
                                                                     {"r[1-2]n[0-3]", "r1n0"},
                                                                     {"", ""}})
    EXPECT_EQ(first_host(list), host) << list;
  EXPECT_EQ(tasks_on_node("4(x2),3", 1), 4);
  EXPECT_EQ(tasks_on_node("4(x2),3", 2), 3);
  EXPECT_EQ(tasks_on_node("4(x2),3", 3), std::nullopt);
  EXPECT_EQ(tasks_on_node("8", 0), 8);
  EXPECT_EQ(tasks_on_node("", 0), std::nullopt);
}

TEST(launch, has_ports_of_its_own_for_each_step) {
  EXPECT_NE(port_of_step(4711, 0), port_of_step(4711, 1));
  EXPECT_NE(port_of_step(4711, 0), port_of_step(4712, 0));
  for (const int job : {0, 1, 4711, 2'000'000'000}) {
    EXPECT_GE(port_of_step(job, 3), 20'000);
    EXPECT_LT(port_of_step(job, 3), 29'000);
  }
}

using devices = std::vector<int>;

TEST(devices_of, are_all_without_a_launcher_and_one_with) {
  const launch none;
  EXPECT_EQ(devices_of(none, 4, 0), (devices{0, 1, 2, 3}));
  EXPECT_EQ(devices_of(none, 4, 2), (devices{0, 1}));
  EXPECT_EQ(devices_of(by_srun, 8, 0), (devices{2}));     // the local rank, all visible
  EXPECT_EQ(devices_of(by_srun, 1, 0), (devices{0}));     // its own alone is visible
  EXPECT_EQ(devices_of(by_srun, 8, 2), (devices{4, 5}));  // two each, all visible
  EXPECT_EQ(devices_of(by_srun, 2, 2), (devices{0, 1}));  // its own two are visible
  EXPECT_EQ(devices_of(by_torchrun, 2, 1), (devices{1}));
}

TEST(devices_of, says_which_rank_has_none) {
  EXPECT_EQ(said([] { devices_of(by_srun, 2, 0); }),
            "local rank 2 would use GPU 2, and 2 GPUs are visible on its host: start at most 2 processes a host");
  EXPECT_EQ(said([] { devices_of(by_srun, 4, 2); }),
            "local rank 2 would use GPU 5, and 4 GPUs are visible on its host: start at most 2 processes a host or use "
            "a smaller -g");
  EXPECT_EQ(said([] { devices_of(by_srun, 1, 2); }),
            "-g 2: 1 GPU is visible to this process: use a smaller -g, or have srun show it more");
  EXPECT_EQ(said([] { devices_of(launch{}, 4, 8); }),
            "-g 8: 4 GPUs are visible to this process: use a smaller -g, or set CUDA_VISIBLE_DEVICES");
}

TEST(expect_whole_world, minds_only_a_world_smaller_than_the_step) {
  const std::string told = said([] { expect_whole_world(by_openmpi, 1, false); });
  EXPECT_TRUE(told.starts_with("mpirun started 4 processes, and the world that formed has 1: use the launcher of"))
      << told;
  EXPECT_NE(told.find("--standalone"), std::string::npos);
  EXPECT_EQ(said([] { expect_whole_world(by_openmpi, 1, true); }), "");
  EXPECT_EQ(said([] { expect_whole_world(by_openmpi, 4, false); }), "");
  EXPECT_EQ(said([] { expect_whole_world(find_launch(batch), 1, false); }), "");  // a job of 8 tasks, a step of none
  EXPECT_EQ(said([] { expect_whole_world(find_launch(shell), 1, false); }), "");
}

}  // namespace
}  // namespace colossus::bench
