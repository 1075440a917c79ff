# SPDX-License-Identifier: Apache-2.0
# The umbrella reaches every header of colossus::headers, and nothing outside the standard library and the system.
cmake_minimum_required(VERSION 3.23)

execute_process(COMMAND ${COMPILER} -std=c++20 -M -w -I${INCLUDE} -x c++ ${INCLUDE}/colossus/colossus.hpp
                OUTPUT_VARIABLE reached COMMAND_ERROR_IS_FATAL ANY)
string(REGEX REPLACE "[ \\\n]+" ";" reached "${reached}")

set(left_out ${HEADERS})
list(REMOVE_ITEM left_out ${reached})
if(left_out)
  list(JOIN left_out "\n  " left_out)
  message(SEND_ERROR "expected: colossus.hpp includes every header of colossus::headers; found: it does not reach the "
          "following (include them there, or name them in CMakeLists.txt among those that need a dependency)\n  ${left_out}")
endif()

list(FILTER reached INCLUDE REGEX "/(nlohmann|benchmark|CLI|gtest|cuda[^/]*|[^/]*mpi|mpich)/|/(mpi|nccl|cuda[a-z_]*)\\.h$")
if(reached)
  list(JOIN reached "\n  " reached)
  message(SEND_ERROR "expected: colossus.hpp needs C++20 and threads only; found: it includes\n  ${reached}")
endif()
