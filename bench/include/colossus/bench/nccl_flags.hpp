// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/options.hpp>

#include <array>
#include <string_view>

namespace colossus::bench {

/// A flag of nccl-tests 2.19 that a program does not have: what to say, and the value with which it changes nothing.
struct refused_flag {
  std::string_view names, neutral, instead;
};

/// Flags without a meaning in any program of ours.
inline constexpr std::array refused_everywhere{
    refused_flag{"-p,--parallel_init", "0", "nothing is initialised in parallel here"},
    refused_flag{"-a,--average", "3", "a time is the maximum over ranks of each iteration, which is -a 3"},
    refused_flag{"-S,--report_timestamps", "0", "the sidecar of --csv says when the run began"},
    refused_flag{"-J,--output_file", "", "use --csv FILE, or --benchmark_out=FILE --benchmark_out_format=json"},
    refused_flag{"-u,--unalign", "0", "buffers begin where the allocator puts them"},
    refused_flag{"-I,--per_iter_timing", "0", "--csv always has minimum, percentiles and maximum over iterations"},
    refused_flag{"-K,--per_iter_skip", "0", "use -w N: as many operations go before the timed ones"},
    refused_flag{"-m,--agg_iters", "1", "operations are not aggregated here: use --timing back_to_back"},
    refused_flag{"-N,--run_cycles", "1", "run the command again, with --append"},
};

/// Flags without a meaning on a CPU.
inline constexpr std::array refused_without_gpu{
    refused_flag{"-y,--stream_null", "0", "there is no GPU stream on this backend"},
    refused_flag{"-G,--cudagraph", "0", "there is no CUDA graph on this backend"},
    refused_flag{"-C,--report_cputime", "0", "there is no enqueueing on this backend: times are of whole operations"},
    refused_flag{"-R,--local_register", "0", "there is no registration of buffers on this backend"},
    refused_flag{"-x,--cta_policy", "", "there is no GPU kernel on this backend"},
    refused_flag{"-D,--device_implementation", "0", "there is no GPU kernel on this backend"},
    refused_flag{"-V,--device_cta_count", "", "there is no GPU kernel on this backend"},
    refused_flag{"-M,--memory", "0", "there is no GPU memory on this backend"},
};

inline constexpr std::array refused_by_nccl{
    refused_flag{"-C,--report_cputime", "0", "times are of the GPUs: --timing graph takes the enqueueing out of them"},
    refused_flag{"-x,--cta_policy", "", "set NCCL_CTA_POLICY, which is NCCL's own name for it"},
    refused_flag{"-D,--device_implementation", "0", "NCCL's device API is not used here: leave it out"},
    refused_flag{"-V,--device_cta_count", "", "NCCL's device API is not used here: leave it out"},
    refused_flag{"-M,--memory", "0", "the sidecar of --csv says how large the buffers are"},
};

inline constexpr std::array refused_by_mpi{
    refused_flag{"-t,--nthreads", "1", "a process is one rank: use mpirun -np N"},
    refused_flag{"-g,--ngpus", "1", "a process is one rank: use mpirun -np N"},
    refused_flag{"--ranks", "", "a process is one rank: use mpirun -np N"},
    refused_flag{"--nodes", "", "the launcher places the processes: use mpirun -N or --host"},
};

inline constexpr std::array refused_by_threads{
    refused_flag{"--nodes", "", "threads share one node: use --ranks N"},
};

inline constexpr std::array refused_by_simulate{
    refused_flag{"-t,--nthreads", "", "use --ranks N or --nodes N"},
    refused_flag{"-g,--ngpus", "", "use --ranks N or --nodes N"},
    refused_flag{"-n,--iters", "", "nothing is repeated in a price: --seeds N is the number of draws"},
    refused_flag{"-w,--warmup_iters", "", "nothing is measured, so nothing warms up"},
    refused_flag{"-c,--check", "0", "nothing is moved: colossus-threads and colossus-mpi check data"},
    refused_flag{"-z,--blocking", "", "a price is of one isolated operation"},
    refused_flag{"-T,--timeout", "", "nothing is waited for"},
};

}  // namespace colossus::bench
