# SPDX-License-Identifier: Apache-2.0

# The oldest cargo that the pinned crates build with.
set(FARPOINT_CARGO_MINIMUM 1.85)

# Sets `result` to the version of the program `cargo`, or to nothing.
function(farpoint_cargo_version result cargo)
  execute_process(COMMAND ${cargo} --version OUTPUT_VARIABLE output ERROR_QUIET)
  set(version)
  if(output MATCHES "^cargo ([0-9.]+)")
    set(version ${CMAKE_MATCH_1})
  endif()
  set(${result} "${version}" PARENT_SCOPE)
endfunction()

# Distributions have old ones, which may come first.
function(farpoint_is_recent_cargo result cargo)
  farpoint_cargo_version(version ${cargo})
  if(NOT version OR version VERSION_LESS FARPOINT_CARGO_MINIMUM)
    set(${result} FALSE PARENT_SCOPE)
  endif()
endfunction()

find_program(FARPOINT_CARGO cargo PATHS $ENV{HOME}/.cargo/bin VALIDATOR farpoint_is_recent_cargo
             DOC "The cargo that builds the tokenizer layer's crate")
set(recent_cargo TRUE)
if(FARPOINT_CARGO)
  farpoint_is_recent_cargo(recent_cargo ${FARPOINT_CARGO})
endif()
if(NOT FARPOINT_CARGO OR NOT recent_cargo)
  message(FATAL_ERROR "FARPOINT_CARGO is ${FARPOINT_CARGO}: the tokenizer layer needs cargo ${FARPOINT_CARGO_MINIMUM} or later. "
                      "scripts/setup.sh installs Debian's cargo-web and rustc-web where there is none in PATH or "
                      "~/.cargo/bin; or name one with -DFARPOINT_CARGO=FILE.")
endif()

# farpoint_cargo_library(NAME CRATE folder FILE lib....a)
#   A target NAME to link: the static library that cargo makes of the crate, at the versions of its Cargo.lock. Presets
#   share what was built, as the crate is always the same: optimised, and not instrumented by sanitizers.
function(farpoint_cargo_library name)
  cmake_parse_arguments(arg "" "CRATE;FILE" "" ${ARGN})
  set(target_folder ${PROJECT_SOURCE_DIR}/build/cargo)
  set(library ${target_folder}/release/${arg_FILE})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${arg_CRATE}/src/*.rs)
  # cargo leaves the library's time alone when there was nothing to do.
  add_custom_command(
    OUTPUT ${library}
    COMMAND ${CMAKE_COMMAND} -E env CARGO_TARGET_DIR=${target_folder}
            ${FARPOINT_CARGO} build --release --locked --quiet --manifest-path ${arg_CRATE}/Cargo.toml
    COMMAND ${CMAKE_COMMAND} -E touch ${library}
    DEPENDS ${arg_CRATE}/Cargo.toml ${arg_CRATE}/Cargo.lock ${sources}
    COMMENT "Building the crate ${name} with cargo"
    VERBATIM)
  add_custom_target(${name}_build DEPENDS ${library})
  add_library(${name} STATIC IMPORTED GLOBAL)
  set_target_properties(${name} PROPERTIES IMPORTED_LOCATION ${library})
  add_dependencies(${name} ${name}_build)
endfunction()
