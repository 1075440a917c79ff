# SPDX-License-Identifier: Apache-2.0
# The umbrella reaches every header of colossus::headers, and nothing outside the standard library and the system.

execute_process(COMMAND ${COMPILER} -std=c++20 -M -I${INCLUDE} -x c++ ${INCLUDE}/colossus/colossus.hpp
                RESULT_VARIABLE status OUTPUT_VARIABLE reached COMMAND_ERROR_IS_FATAL ANY)
foreach(header IN LISTS HEADERS)
  string(FIND "${reached}" "${header}" place)
  if(place EQUAL -1)
    message(SEND_ERROR "expected: colossus.hpp includes ${header}; found: it does not; add it there, or to the headers in CMakeLists.txt that have a dependency")
  endif()
endforeach()
string(REGEX MATCHALL "[^ ]*/(nlohmann|benchmark|CLI|gtest|openmpi|mpich|cuda)[^ ]*|[^ ]*/(mpi|nccl|cuda[a-z_]*)\\.h" foreign "${reached}")
foreach(header IN LISTS foreign)
  message(SEND_ERROR "expected: colossus.hpp needs C++20 and threads only; found: it includes ${header}")
endforeach()
