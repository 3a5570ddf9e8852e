# SPDX-License-Identifier: Apache-2.0

# farpoint_fuzz(NAME.cpp [USES layer ...] [LIBRARIES lib ...] [MAX_LENGTH bytes] [FOREIGN library])
#   The target fuzz_NAME of a file that defines LLVMFuzzerTestOneInput(). With FARPOINT_FUZZ it is a libFuzzer
#   program, which scripts/fuzz.sh runs; otherwise a test of its name gives it each file of corpus/NAME, once.
#   MAX_LENGTH: of the inputs that libFuzzer makes. FOREIGN: a library whose leaks are not ours, and whose crashes do not end
#   the run: the input is kept, and a new process goes on.
function(farpoint_fuzz source)
  cmake_parse_arguments(arg "" "MAX_LENGTH;FOREIGN" "USES;LIBRARIES" ${ARGN})
  cmake_path(GET source STEM name)
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "farpoint_fuzz(${source}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_MAX_LENGTH)
    set(arg_MAX_LENGTH 4096)
  endif()
  set(target fuzz_${name})
  add_executable(${target} ${source})
  list(TRANSFORM arg_USES PREPEND farpoint_)
  target_link_libraries(${target} PRIVATE farpoint_flags ${arg_USES} ${arg_LIBRARIES})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  if(arg_FOREIGN)
    target_compile_definitions(${target} PRIVATE FUZZ_LEAKS_OF="leak:${arg_FOREIGN}")
  endif()
  set(corpus ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
  if(FARPOINT_FUZZ)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    # Options of libFuzzer, which scripts/fuzz.sh reads.
    set(options "-max_len=${arg_MAX_LENGTH}\n")
    if(arg_FOREIGN)
      string(APPEND options "-fork=1\n-ignore_crashes=1\n")
    endif()
    file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/fuzz/${name}.options CONTENT "${options}")
  else()
    target_link_libraries(${target} PRIVATE farpoint_fuzz_replay)
    add_test(NAME ${target} COMMAND ${target} ${corpus})
    set_tests_properties(${target} PROPERTIES TIMEOUT 120 LABELS "unit")
  endif()
endfunction()
