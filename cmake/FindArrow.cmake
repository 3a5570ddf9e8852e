# SPDX-License-Identifier: Apache-2.0
# FindArrow: Arrow C++ with Parquet, out of the PyPI `pyarrow` wheel.
#   -DARROW_ROOT=DIR (or env): pyarrow/ itself, or the folder holding it; otherwise .deps/arrow of the project, where
#   scripts/arrow.sh puts it.
# Gives Arrow::parquet, Arrow_VERSION, Arrow_DIR_LIBRARIES.
set(_ar_hints ${ARROW_ROOT} $ENV{ARROW_ROOT} "${PROJECT_SOURCE_DIR}/.deps/arrow")
set(Arrow_DIR_LIBRARIES "")
foreach(_h IN LISTS _ar_hints)
  foreach(_d "${_h}" "${_h}/pyarrow")
    file(GLOB _arrow "${_d}/libarrow.so*")
    file(GLOB _parquet "${_d}/libparquet.so*")
    if(NOT Arrow_DIR_LIBRARIES AND _arrow AND _parquet AND EXISTS "${_d}/include/parquet/arrow/reader.h")
      get_filename_component(Arrow_DIR_LIBRARIES "${_d}" ABSOLUTE)
      list(GET _arrow 0 Arrow_LIBRARY)
      list(GET _parquet 0 Arrow_PARQUET_LIBRARY)
    endif()
  endforeach()
endforeach()
set(Arrow_VERSION "")
if(Arrow_DIR_LIBRARIES)
  file(STRINGS "${Arrow_DIR_LIBRARIES}/include/arrow/util/config.h" _line REGEX "define ARROW_VERSION_STRING ")
  string(REGEX MATCH "[0-9.]+" Arrow_VERSION "${_line}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Arrow REQUIRED_VARS Arrow_LIBRARY Arrow_PARQUET_LIBRARY Arrow_DIR_LIBRARIES
  VERSION_VAR Arrow_VERSION)
if(Arrow_FOUND AND NOT TARGET Arrow::parquet)
  add_library(Arrow::parquet INTERFACE IMPORTED)
  target_include_directories(Arrow::parquet SYSTEM INTERFACE "${Arrow_DIR_LIBRARIES}/include")
  target_link_libraries(Arrow::parquet INTERFACE "${Arrow_PARQUET_LIBRARY}" "${Arrow_LIBRARY}")
  target_link_options(Arrow::parquet INTERFACE "LINKER:-rpath,${Arrow_DIR_LIBRARIES}"
    "LINKER:-rpath-link,${Arrow_DIR_LIBRARIES}")
  message(STATUS "Arrow ${Arrow_VERSION} at ${Arrow_DIR_LIBRARIES}")
endif()
