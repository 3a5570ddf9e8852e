# SPDX-License-Identifier: Apache-2.0
# FindLibtorch: libtorch out of the PyPI `torch` wheel, without the CUDA toolkit.
#   -DLIBTORCH_ROOT=DIR (or env): torch/ itself, or the folder holding torch/ (and nvidia/);
#   otherwise .deps/libtorch of the project; otherwise -DLIBTORCH_PYTHON=EXE (default python3) is asked.
#   -DLIBTORCH_CUDA=AUTO|ON|OFF: also link torch_cuda + c10_cuda when they can be loaded.
# Gives Libtorch::torch, Libtorch_VERSION, Libtorch_CUDA (TRUE/FALSE),
#   Libtorch_DIR_TORCH, Libtorch_CUDA_ROOT (nvidia/cu13 or empty), Libtorch_RPATH.
set(LIBTORCH_CUDA AUTO CACHE STRING "link libtorch_cuda: AUTO, ON, OFF")
set(LIBTORCH_PYTHON python3 CACHE STRING "python asked for the torch folder")
set(_lt_hints ${LIBTORCH_ROOT} $ENV{LIBTORCH_ROOT})
if(NOT _lt_hints AND EXISTS "${PROJECT_SOURCE_DIR}/.deps/libtorch/torch")  # scripts/libtorch.sh puts it there
  set(_lt_hints "${PROJECT_SOURCE_DIR}/.deps/libtorch")
endif()
if(NOT _lt_hints)
  execute_process(COMMAND "${LIBTORCH_PYTHON}" -c  # find_spec: does not import torch
    "import importlib.util as u;print(u.find_spec('torch').submodule_search_locations[0])"
    OUTPUT_VARIABLE _lt_hints OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
set(Libtorch_DIR_TORCH "")
foreach(_h IN LISTS _lt_hints)
  foreach(_d "${_h}" "${_h}/torch")
    if(NOT Libtorch_DIR_TORCH AND EXISTS "${_d}/lib/libtorch_cpu.so" AND EXISTS "${_d}/include/ATen/ATen.h")
      get_filename_component(Libtorch_DIR_TORCH "${_d}" ABSOLUTE)
    endif()
  endforeach()
endforeach()
set(Libtorch_CUDA FALSE)
set(Libtorch_CUDA_ROOT "")
set(Libtorch_VERSION "")
if(Libtorch_DIR_TORCH)
  set(_t "${Libtorch_DIR_TORCH}")
  set(Libtorch_LIBRARY "${_t}/lib/libtorch_cpu.so")
  foreach(_v headeronly/version.h csrc/api/include/torch/version.h)
    set(_v "${_t}/include/torch/${_v}")
    if(EXISTS "${_v}" AND NOT Libtorch_VERSION)
      foreach(_k MAJOR MINOR PATCH)
        file(STRINGS "${_v}" _l REGEX "define TORCH_VERSION_${_k} ")
        string(REGEX MATCH "[0-9]+" _l "${_l}")
        string(APPEND Libtorch_VERSION ".${_l}")
      endforeach()
      string(SUBSTRING "${Libtorch_VERSION}" 1 -1 Libtorch_VERSION)
    endif()
  endforeach()
  # NEEDED of libtorch_cpu are found through its own DT_RPATH; these dirs serve the link step and the executable
  set(Libtorch_RPATH "${_t}/lib")
  file(GLOB _nv "${_t}/../nvidia/cu1[0-9]" "${_t}/../nvidia/cudnn" "${_t}/../nvidia/nccl" "${_t}/../nvidia/cusparselt" "${_t}/../nvidia/nvshmem")
  foreach(_d IN LISTS _nv)
    get_filename_component(_d "${_d}" ABSOLUTE)
    list(APPEND Libtorch_RPATH "${_d}/lib")
    if(_d MATCHES "/cu1[0-9]$")
      set(Libtorch_CUDA_ROOT "${_d}")
    endif()
  endforeach()
  # ABI: the wheel is cxx11 when libc10 exports names in std::__cxx11
  execute_process(COMMAND "${CMAKE_NM}" -D --defined-only "${_t}/lib/libc10.so" OUTPUT_VARIABLE _nm ERROR_QUIET)
  string(REGEX MATCH "__cxx11" _abi "${_nm}")
  string(COMPARE NOTEQUAL "${_abi}" "" Libtorch_CXX11_ABI)
  if(NOT LIBTORCH_CUDA STREQUAL "OFF" AND EXISTS "${_t}/lib/libtorch_cuda.so")
    execute_process(COMMAND ldd "${_t}/lib/libtorch_cuda.so" OUTPUT_VARIABLE _ldd ERROR_QUIET)
    if(_ldd AND NOT _ldd MATCHES "not found")
      set(Libtorch_CUDA TRUE)
    endif()
  endif()
  if(LIBTORCH_CUDA STREQUAL "ON" AND NOT Libtorch_CUDA)
    message(FATAL_ERROR "LIBTORCH_CUDA=ON, but ${_t}/lib/libtorch_cuda.so is absent or lacks libraries:\n${_ldd}")
  endif()
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Libtorch REQUIRED_VARS Libtorch_LIBRARY Libtorch_DIR_TORCH VERSION_VAR Libtorch_VERSION)
if(Libtorch_FOUND AND NOT TARGET Libtorch::torch)
  add_library(Libtorch::torch INTERFACE IMPORTED)
  # The wheel brings headers of other libraries, such as fmt: behind those of the system, whose libraries are linked.
  target_compile_options(Libtorch::torch INTERFACE
    "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-idirafter ${_t}/include>"
    "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-idirafter ${_t}/include/torch/csrc/api/include>")
  target_compile_features(Libtorch::torch INTERFACE cxx_std_20)
  target_compile_definitions(Libtorch::torch INTERFACE _GLIBCXX_USE_CXX11_ABI=${Libtorch_CXX11_ABI})
  target_link_libraries(Libtorch::torch INTERFACE "${_t}/lib/libtorch_cpu.so" "${_t}/lib/libc10.so")
  if(Libtorch_CUDA)  # nothing refers to torch_cuda by symbol: it must be kept for its static registrations
    target_link_libraries(Libtorch::torch INTERFACE
      "-Wl,--push-state,--no-as-needed" "${_t}/lib/libtorch_cuda.so" "${_t}/lib/libc10_cuda.so" "-Wl,--pop-state")
  endif()
  foreach(_d IN LISTS Libtorch_RPATH)
    target_link_options(Libtorch::torch INTERFACE "LINKER:-rpath,${_d}" "LINKER:-rpath-link,${_d}")
  endforeach()
  message(STATUS "Libtorch ${Libtorch_VERSION} at ${_t} (cxx11 abi ${Libtorch_CXX11_ABI}, cuda ${Libtorch_CUDA})")
endif()
