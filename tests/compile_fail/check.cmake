# SPDX-License-Identifier: Apache-2.0
# Compiles one section of one file: it must be refused with TEXT in the message, or compile where TEXT is empty.
cmake_minimum_required(VERSION 3.23)

execute_process(COMMAND ${COMPILER} -std=c++20 -fsyntax-only -I${INCLUDE} -D${SECTION} ${SOURCE}
                RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(TEXT STREQUAL "")
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "expected: the file without a section compiles; found:\n${output}")
  endif()
  return()
endif()
string(FIND "${output}" "${TEXT}" place)
if(status EQUAL 0)
  message(FATAL_ERROR "expected: ${SECTION} is refused; found: it compiles")
elseif(place EQUAL -1)
  message(FATAL_ERROR "expected: ${SECTION} is refused with '${TEXT}'; found:\n${output}")
endif()
