# SPDX-License-Identifier: Apache-2.0

# farpoint_check_listed(FOLDER ...)
#   Every .cpp and every *_test.py in the folders stands in the CMakeLists.txt of its own folder or of one above it, with
#   its path from there; of a test in Python the name before _test.py is enough. Else configuring fails, with the next
#   build after the file was added: nobody misses a test that does not run.
function(farpoint_check_listed)
  set(forgotten)
  foreach(folder IN LISTS ARGN)
    file(GLOB_RECURSE files RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS
         ${PROJECT_SOURCE_DIR}/${folder}/*.cpp ${PROJECT_SOURCE_DIR}/${folder}/*_test.py)
    foreach(file IN LISTS files)
      farpoint_is_listed(listed ${file})
      if(NOT listed)
        list(APPEND forgotten ${file})
      endif()
    endforeach()
  endforeach()
  if(forgotten)
    list(JOIN forgotten "\n  " forgotten)
    message(FATAL_ERROR "No CMakeLists.txt lists these, so nothing compiles or runs them:\n  ${forgotten}\n"
                        "List each in that of its folder, or remove it.")
  endif()
endfunction()

function(farpoint_is_listed result file)
  set(${result} FALSE PARENT_SCOPE)
  cmake_path(GET file PARENT_PATH folder)
  while(folder)
    set(list ${PROJECT_SOURCE_DIR}/${folder}/CMakeLists.txt)
    if(EXISTS ${list})
      file(READ ${list} text)
      cmake_path(RELATIVE_PATH file BASE_DIRECTORY ${folder} OUTPUT_VARIABLE name)
      string(REGEX REPLACE "_test\\.py$" "(_test.py)?" name "${name}")
      if(text MATCHES "([ \n(]|SOURCE_DIR}/)${name}[ \n)]")
        set(${result} TRUE PARENT_SCOPE)
        return()
      endif()
    endif()
    cmake_path(GET folder PARENT_PATH folder)
  endwhile()
endfunction()
