# SPDX-License-Identifier: Apache-2.0
# Included by a consumer's project() call: whoever includes colossus is spared every look-up but that of threads.

macro(refuse_look_up method package)
  if(NOT "${package}" STREQUAL "Threads")
    message(FATAL_ERROR "expected: no look-up below the top level; found: find_package(${package})")
  endif()
endmacro()
cmake_language(SET_DEPENDENCY_PROVIDER refuse_look_up SUPPORTED_METHODS FIND_PACKAGE)
