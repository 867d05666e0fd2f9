# graphrag_room(NAME LINKS ... [EXCLUDE SUBFOLDER...]): one static library of all sources
# under NAME/, called graphrag_NAME.
function(graphrag_room name)
  cmake_parse_arguments(ROOM "" "" "LINKS;EXCLUDE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${name}/*.cpp)
  foreach(sub ${ROOM_EXCLUDE})
    list(FILTER sources EXCLUDE REGEX "/${name}/${sub}/")
  endforeach()
  if(NOT sources)
    add_library(graphrag_${name} INTERFACE)
    target_link_libraries(graphrag_${name} INTERFACE ${ROOM_LINKS})
    return()
  endif()
  add_library(graphrag_${name} STATIC ${sources})
  target_link_libraries(graphrag_${name} PUBLIC ${ROOM_LINKS})
  target_precompile_headers(graphrag_${name} PRIVATE
    <algorithm> <atomic> <chrono> <cstdint> <functional> <map> <memory> <mutex> <optional>
    <span> <string> <string_view> <unordered_map> <utility> <vector>)
  graphrag_flags(graphrag_${name})
endfunction()
