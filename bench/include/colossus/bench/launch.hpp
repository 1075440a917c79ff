// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/launch_slurm.hpp>
#include <colossus/error.hpp>

#include <unistd.h>

#include <array>
#include <map>
#include <optional>
#include <string>

extern char** environ;

namespace colossus::bench {

using environment = std::map<std::string, std::string>;

/// The variables of this process.
inline environment environment_of_process() {
  environment found;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view all{*entry};
    if (const auto equals = all.find('='); equals != std::string_view::npos)
      found.emplace(all.substr(0, equals), all.substr(equals + 1));
  }
  return found;
}

/// What the launcher nearest to this process says about it.
struct launch {
  std::string launcher = "none";  ///< torchrun, mpirun, mpiexec, srun, environment (RANK and WORLD_SIZE), ... or none
  int rank = 0;
  int size = 1;           ///< processes; 0: only MPI knows
  int local_rank = -1;    ///< among the processes of this host; -1: not said
  int local_size = -1;    ///< processes on this host; -1: not said
  int step_tasks = 1;     ///< tasks that the launcher started together
  bool mpi = false;       ///< the processes find each other through MPI
  std::string address{};  ///< of rank 0, where one is known
  int port = 0;           ///< at which rank 0 listens there
  std::string job{};      ///< tells this job from others, as far as the launcher does

  bool launched() const { return launcher != "none"; }
};

namespace detail {

/// The variables of one launcher. It speaks where its rank and its size are there.
struct launch_variables {
  const char* launcher;
  const char* marker;  ///< a further variable without which it is not this one; null: none
  const char* rank;
  const char* size;
  const char* local_rank;
  const char* local_size;
  const char* job;
  bool mpi;
};

/// Innermost first: a torchrun under srun or mpirun, an mpirun in a job of Slurm. RANK and WORLD_SIZE without torchrun
/// are last, since job scripts export them for others.
inline constexpr std::array launchers{
    launch_variables{"torchrun", "TORCHELASTIC_RUN_ID", "RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE",
                     "TORCHELASTIC_RUN_ID", false},
    launch_variables{"mpirun", nullptr, "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK",
                     "OMPI_COMM_WORLD_LOCAL_SIZE", "PMIX_NAMESPACE", true},
    launch_variables{"mpirun", nullptr, "MV2_COMM_WORLD_RANK", "MV2_COMM_WORLD_SIZE", "MV2_COMM_WORLD_LOCAL_RANK",
                     "MV2_COMM_WORLD_LOCAL_SIZE", "PMI_JOBID", true},
    launch_variables{"mpiexec", "MPI_LOCALRANKID", "PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID", "MPI_LOCALNRANKS",
                     "PMI_JOBID", true},
    launch_variables{"srun", nullptr, "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID", nullptr, nullptr, false},
    launch_variables{"mpiexec", nullptr, "PMI_RANK", "PMI_SIZE", "PMI_LOCAL_RANK", "PMI_LOCAL_SIZE", "PMI_JOBID", true},
    launch_variables{"flux", nullptr, "FLUX_TASK_RANK", "FLUX_JOB_SIZE", "FLUX_TASK_LOCAL_ID", nullptr, "FLUX_JOB_ID",
                     false},
    launch_variables{"environment", nullptr, "RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", nullptr, false}};

inline std::string value_of(const environment& env, const char* name) {
  const auto at = name == nullptr ? env.end() : env.find(name);
  return at == env.end() ? std::string{} : at->second;
}

/// The number that a variable says, below `bound`; -1 where it is not there.
inline int number_of(const environment& env, const char* name, int bound) {
  const std::string text = value_of(env, name);
  if (text.empty()) return -1;
  const auto number = to_number<int>(text);
  if (!number || *number < 0 || *number >= bound)
    throw error{std::string{name} + "='" + text + "': expected a number from 0 to " + std::to_string(bound - 1) +
                ": unset it, or start with one launcher only"};
  return *number;
}

inline constexpr int most_processes = 1 << 24;

/// A step of one task is no launch: its variables are those of an interactive shell, too.
inline bool speaks(const launch_variables& v, const environment& env) {
  const auto there = [&](const char* name) { return name == nullptr || !value_of(env, name).empty(); };
  if (!there(v.marker) || !there(v.rank) || !there(v.size)) return false;
  return std::string_view{v.launcher} != "srun" || number_of(env, v.size, most_processes) > 1;
}

inline void add_slurm_step(launch& l, const environment& env) {
  const int node = number_of(env, "SLURM_NODEID", most_processes);
  if (node >= 0) l.local_size = tasks_on_node(value_of(env, "SLURM_STEP_TASKS_PER_NODE"), node).value_or(-1);
  const std::string job = value_of(env, "SLURM_JOB_ID"), step = value_of(env, "SLURM_STEP_ID");
  l.job = job + "." + step;
  // Not SLURM_LAUNCH_NODE_IPADDR: srun runs there, which may be a login node. Task 0 is on the first host of the step.
  l.address = first_host(value_of(env, "SLURM_STEP_NODELIST"));
  l.port = port_of_step(to_number<int>(job).value_or(0), to_number<int>(step).value_or(0));
}

/// Where rank 0 listens: MASTER_ADDR if there is one; its port is torchrun's own, so we take one a little above, or
/// below where there is none above. COLOSSUS_PORT overrides.
inline void add_address(launch& l, const environment& env) {
  constexpr int distance = 17, ports = 65'536;
  const int master = number_of(env, "MASTER_PORT", ports);
  if (const std::string address = value_of(env, "MASTER_ADDR"); !address.empty()) {
    l.address = address;
    if (master > 0) l.port = master + distance < ports ? master + distance : master - distance;
  }
  if (const int ours = number_of(env, "COLOSSUS_PORT", ports); ours > 0) l.port = ours;
  if (!l.address.empty() && l.port == 0) l.port = 29'500 + distance;
}

/// PMIx tells the rank and leaves the size to the library.
inline std::optional<launch> pmix_launch(const environment& env) {
  const int rank = number_of(env, "PMIX_RANK", most_processes);
  if (rank < 0 || !value_of(env, "SLURM_STEP_NUM_TASKS").empty()) return std::nullopt;
  launch l{.launcher = "prterun", .rank = rank, .size = 0, .mpi = true};
  l.job = value_of(env, "PMIX_NAMESPACE");
  return l;
}

inline launch launch_of(const launch_variables& v, const environment& env) {
  launch l{.launcher = v.launcher, .mpi = v.mpi};
  l.size = number_of(env, v.size, most_processes);
  if (l.size == 0) throw error{std::string{v.size} + "=0: expected the number of processes"};
  l.rank = number_of(env, v.rank, l.size);
  l.local_rank = number_of(env, v.local_rank, l.size);
  l.local_size = number_of(env, v.local_size, most_processes);
  l.job = value_of(env, v.job);
  if (l.launcher == "torchrun") l.job += "." + value_of(env, "TORCHELASTIC_RESTART_COUNT");
  if (l.launcher == "srun") add_slurm_step(l, env);
  return l;
}

/// A task of srun may itself be a launcher that starts more, and says so in RANK, LOCAL_RANK and a larger WORLD_SIZE.
inline bool started_more(const environment& env, const launch& step) {
  return step.launcher == "srun" && !value_of(env, "RANK").empty() && !value_of(env, "LOCAL_RANK").empty() &&
         number_of(env, "WORLD_SIZE", most_processes) > step.size;
}

}  // namespace detail

/// The launch that `env` tells of, by the innermost launcher. Throws (usage) where a variable contradicts another.
inline launch find_launch(const environment& env) {
  launch found;
  if (const auto pmix = detail::pmix_launch(env)) found = *pmix;
  for (const auto& variables : detail::launchers)
    if (detail::speaks(variables, env)) {
      found = detail::launch_of(variables, env);
      break;
    }
  if (detail::started_more(env, found)) found = detail::launch_of(detail::launchers.back(), env);
  if (!found.launched()) return found;
  found.step_tasks = std::max(found.size, 1);
  detail::add_address(found, env);
  return found;
}

}  // namespace colossus::bench
