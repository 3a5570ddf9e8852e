# SPDX-License-Identifier: Apache-2.0
# Looks for a CUDA compiler: one that is set (-DCMAKE_CUDA_COMPILER), the one that scripts/libtorch.sh fetched, or the
# machine's. Sets FARPOINT_CUDA, FARPOINT_CUDART (the runtime's library) and FARPOINT_CUDA_INCLUDE. No GPU is needed.
set(FARPOINT_CUDA OFF)
set(_bundled ${Libtorch_CUDA_ROOT}/bin/nvcc)
if(NOT CMAKE_CUDA_COMPILER AND EXISTS ${_bundled})
  set(CMAKE_CUDA_COMPILER ${_bundled})
endif()
if(NOT CMAKE_CUDA_COMPILER AND NOT FARPOINT_SANITIZE)
  include(CheckLanguage)
  check_language(CUDA)
endif()
# The sanitizers are for host code, and do not go with the CUDA runtime.
if(CMAKE_CUDA_COMPILER AND NOT FARPOINT_SANITIZE AND EXISTS ${Libtorch_DIR_TORCH}/lib/libc10_cuda.so)
  if(NOT CMAKE_CUDA_HOST_COMPILER)
    set(CMAKE_CUDA_HOST_COMPILER ${CMAKE_CXX_COMPILER})
  endif()
  enable_language(CUDA)
  if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)  # CMake 3.25 does not know it of CUDA 13
    set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION "-std=c++20")
    set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION "-std=c++20")
  endif()
  find_file(FARPOINT_CUDART NAMES libcudart.so libcudart.so.13 libcudart.so.12
    PATHS ${Libtorch_CUDA_ROOT}/lib ${CMAKE_CUDA_IMPLICIT_LINK_DIRECTORIES} REQUIRED NO_DEFAULT_PATH)
  find_path(FARPOINT_CUDA_INCLUDE cuda_runtime_api.h
    PATHS ${Libtorch_CUDA_ROOT}/include ${CMAKE_CUDA_TOOLKIT_INCLUDE_DIRECTORIES} REQUIRED NO_DEFAULT_PATH)
  set(FARPOINT_CUDA ON)
endif()
