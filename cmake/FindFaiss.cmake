# SPDX-License-Identifier: Apache-2.0
# FindFaiss: the similarity search library FAISS (Debian's libfaiss-dev, a conda environment, or an own build; name its
# prefix with -DCMAKE_PREFIX_PATH=DIR).
# Gives Faiss::faiss, Faiss_VERSION, Faiss_STATIC (it brings no BLAS: src/select/faiss_blas.cpp), Faiss_GPU (it searches
# on NVIDIA GPUs; -DFAISS_GPU=OFF leaves that out).
# Its own CMake package is not asked: that of a static FAISS links a BLAS by name, which then is loaded too early to
# choose its kernels (src/select/blas.cpp).
option(FAISS_GPU "search neighbours on GPUs when FAISS can" ON)
find_path(Faiss_INCLUDE_DIR faiss/utils/distances.h)
find_library(Faiss_LIBRARY faiss)
set(Faiss_VERSION "")
if(Faiss_INCLUDE_DIR)
  foreach(_part MAJOR MINOR PATCH)
    file(STRINGS "${Faiss_INCLUDE_DIR}/faiss/Index.h" _line REGEX "define FAISS_VERSION_${_part} ")
    string(REGEX MATCH "[0-9]+" _line "${_line}")
    string(APPEND Faiss_VERSION ".${_line}")
  endforeach()
  string(SUBSTRING "${Faiss_VERSION}" 1 -1 Faiss_VERSION)
endif()
set(Faiss_STATIC FALSE)
if(Faiss_LIBRARY MATCHES "\\.a$")
  set(Faiss_STATIC TRUE)
endif()

# Headers alone are not enough: distributions may ship them with a library for the CPU.
set(Faiss_GPU FALSE)
if(FAISS_GPU AND EXISTS "${Faiss_INCLUDE_DIR}/faiss/gpu/GpuDistance.h" AND Faiss_LIBRARY)
  set(_symbols "-D")
  if(Faiss_STATIC)
    set(_symbols "-g")
  endif()
  find_library(Faiss_GPU_LIBRARY faiss_gpu)  # recent static builds keep it apart
  mark_as_advanced(Faiss_GPU_LIBRARY)
  foreach(_library ${Faiss_LIBRARY} ${Faiss_GPU_LIBRARY})
    if(EXISTS "${_library}" AND NOT Faiss_GPU)
      execute_process(COMMAND "${CMAKE_NM}" ${_symbols} --defined-only "${_library}"
                      COMMAND grep -c "faiss3gpu5bfKnn" OUTPUT_VARIABLE _found ERROR_QUIET)
      if(_found GREATER 0)
        find_package(CUDAToolkit QUIET)  # its headers need those of CUDA
        set(Faiss_GPU ${CUDAToolkit_FOUND})
      endif()
    endif()
  endforeach()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Faiss REQUIRED_VARS Faiss_LIBRARY Faiss_INCLUDE_DIR VERSION_VAR Faiss_VERSION)
if(Faiss_FOUND AND NOT TARGET Faiss::faiss)
  find_package(OpenMP REQUIRED COMPONENTS CXX)
  add_library(Faiss::faiss UNKNOWN IMPORTED)
  set_target_properties(Faiss::faiss PROPERTIES IMPORTED_LOCATION "${Faiss_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${Faiss_INCLUDE_DIR}")
  target_link_libraries(Faiss::faiss INTERFACE OpenMP::OpenMP_CXX)
  if(Faiss_GPU)
    target_link_libraries(Faiss::faiss INTERFACE CUDA::cudart CUDA::cublas)
    if(Faiss_GPU_LIBRARY)
      target_link_libraries(Faiss::faiss INTERFACE "${Faiss_GPU_LIBRARY}")
    endif()
  endif()
  message(STATUS "Faiss ${Faiss_VERSION} at ${Faiss_LIBRARY} (gpu ${Faiss_GPU})")
endif()
mark_as_advanced(Faiss_INCLUDE_DIR Faiss_LIBRARY)
