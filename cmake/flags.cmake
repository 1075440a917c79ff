# SPDX-License-Identifier: Apache-2.0
# Flags of our own programs and tests; the library's targets pass none on.

add_compile_options(-Wall -Wextra -Wshadow -Wconversion)
if(COLOSSUS_WARNINGS_AS_ERRORS)
  add_compile_options(-Werror)
endif()
if(COLOSSUS_SANITIZE)
  add_compile_options(-fsanitize=${COLOSSUS_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${COLOSSUS_SANITIZE})
endif()
