# SPDX-License-Identifier: Apache-2.0

# The oldest cargo that the pinned crates build with.
set(FARPOINT_CARGO_MINIMUM 1.85)

find_program(FARPOINT_CARGO cargo HINTS $ENV{HOME}/.cargo/bin DOC "The cargo that builds the tokenizer layer's crate")
if(NOT FARPOINT_CARGO)
  message(FATAL_ERROR "cargo is missing: the tokenizer layer needs ${FARPOINT_CARGO_MINIMUM} or later. "
                      "scripts/setup.sh installs Debian's cargo-web and rustc-web.")
endif()
execute_process(COMMAND ${FARPOINT_CARGO} --version OUTPUT_VARIABLE cargo_version ERROR_VARIABLE cargo_error
                OUTPUT_STRIP_TRAILING_WHITESPACE)
if(NOT cargo_version MATCHES "^cargo ([0-9.]+)")
  message(FATAL_ERROR "${FARPOINT_CARGO} --version says no version: ${cargo_version} ${cargo_error}")
endif()
if(CMAKE_MATCH_1 VERSION_LESS FARPOINT_CARGO_MINIMUM)
  message(FATAL_ERROR "${FARPOINT_CARGO} is version ${CMAKE_MATCH_1}; the tokenizer layer needs ${FARPOINT_CARGO_MINIMUM} or "
                      "later. scripts/setup.sh installs Debian's cargo-web and rustc-web; or name another one with "
                      "-DFARPOINT_CARGO=FILE.")
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
