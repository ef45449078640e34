option(TILTH_TESTS "Build the tests" ON)
option(TILTH_FUZZ "Build the libFuzzer targets (clang only)" OFF)
set(TILTH_SANITIZE "" CACHE STRING "Sanitizers for every target: address,undefined or thread")

add_compile_definitions(_GNU_SOURCE)
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes
  -Wmissing-prototypes -Wswitch-enum -Wvla -Werror -fno-strict-aliasing)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  # -Wno-sign-conversion keeps gcc's -Wconversion to the same set as clang's.
  add_compile_options(-Wno-sign-conversion)
else()
  add_compile_options(-Wno-sign-conversion)
endif()
if(TILTH_SANITIZE)
  add_compile_options(-fsanitize=${TILTH_SANITIZE} -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${TILTH_SANITIZE})
  if(TILTH_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=all)
  endif()
endif()
if(TILTH_FUZZ)
  # Coverage for libFuzzer everywhere; its main() only in tests/fuzz.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
# Hundreds of test programs are linked in half the time by binutils' other linker.
find_program(TILTH_GOLD ld.gold)
if(TILTH_GOLD AND TILTH_TESTS)
  add_link_options(-fuse-ld=gold)
endif()
