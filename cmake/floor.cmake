# tilth_floor(<name> <folder> <library>...)
# Makes the static library tilth_<name> of all .c files in <folder>.
function(tilth_floor name folder)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.c)
  if(NOT sources)
    set(sources ${PROJECT_SOURCE_DIR}/cmake/empty.c)
  endif()
  add_library(tilth_${name} STATIC ${sources})
  target_include_directories(tilth_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/shared> $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/server>)
  target_link_libraries(tilth_${name} PUBLIC ${ARGN})
endfunction()
