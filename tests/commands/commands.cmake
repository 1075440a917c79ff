# SPDX-License-Identifier: Apache-2.0
# The programs, run as a user runs them: what they print, the files they leave, their exit status.
foreach(program IN ITEMS characterize mpi simulate threads)
  if(TARGET colossus-${program})
    colossus_test(commands/${program} LIBRARIES colossus::bench LABELS slow)
    add_dependencies(commands-${program} colossus-${program})
  endif()
endforeach()
if(TARGET commands-characterize)
  add_dependencies(commands-characterize characterize)  # it runs the programs beside it
endif()
