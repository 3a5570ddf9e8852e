# SPDX-License-Identifier: Apache-2.0
# Compiler settings shared by every target, and faster tools where they are installed.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# A layer finds what it needs; tests of other folders may link it.
set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

find_program(CCACHE ccache)
if(CCACHE)
  # Without this it takes no file for known that was compiled with a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

option(FARPOINT_WERROR "Treat warnings as errors" OFF)
set(FARPOINT_SANITIZE OFF CACHE STRING "address: AddressSanitizer and UndefinedBehaviorSanitizer; thread: ThreadSanitizer; or OFF")
set_property(CACHE FARPOINT_SANITIZE PROPERTY STRINGS OFF address thread)
option(FARPOINT_FUZZ "Make what tests/fuzz holds with libFuzzer (clang); models and device code are left out" OFF)

add_library(farpoint_flags INTERFACE)
target_include_directories(farpoint_flags INTERFACE ${PROJECT_SOURCE_DIR}/include)
set(warnings -Wall -Wextra -Wpedantic -Wnon-virtual-dtor -Woverloaded-virtual)
# Where files are compiled as one, a file's constants stand before the next one's parameters.
list(APPEND warnings $<$<NOT:$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>>:-Wshadow>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  list(APPEND warnings -Wno-restrict)  # GCC 12 warns of std::string's own operator+ (bug 105651)
  if(FARPOINT_SANITIZE)
    list(APPEND warnings -Wno-maybe-uninitialized)  # as GCC's manual says, sanitizers make it warn of what is not so
  endif()
endif()
if(FARPOINT_WERROR)
  list(APPEND warnings -Werror)
endif()
# A contracted a*b+c rounds once instead of twice: results would depend on the compiler and the machine.
target_compile_options(farpoint_flags INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:${warnings};-ffp-contract=off>")
# Debian's mpi.h otherwise drags in the removed C++ bindings.
target_compile_definitions(farpoint_flags INTERFACE OMPI_SKIP_MPICXX)
if(FARPOINT_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "FARPOINT_FUZZ needs clang, for libFuzzer: take the preset fuzz, or -DCMAKE_CXX_COMPILER=clang++-19")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link -D_GLIBCXX_ASSERTIONS)
endif()
if(FARPOINT_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(FARPOINT_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_compile_definitions(FARPOINT_SANITIZE_THREAD)  # clang does not say so by a macro, but GCC
  add_link_options(-fsanitize=thread)
elseif(FARPOINT_SANITIZE)
  message(FATAL_ERROR "FARPOINT_SANITIZE is ${FARPOINT_SANITIZE}, but must be OFF, address or thread")
endif()
