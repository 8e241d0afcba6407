# One helper for each kind of target. Sources are globbed: a new file needs no list to be edited.

add_library(sluice_options INTERFACE)
target_include_directories(sluice_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(sluice_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
  -Wimplicit-fallthrough
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety -Wno-missing-field-initializers>
  # g++ 12 reports false positives of these in its own library and in Boost once it inlines; it takes a coroutine frame's own
  # operator new and operator delete for a mismatched pair, and in a unity build a frame for a type of a header.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized -Wno-missing-field-initializers -Wno-restrict -Wno-dangling-pointer
    -Wno-mismatched-new-delete -Wno-subobject-linkage>
  # Several sources are one translation unit (preset `each`: they are not): a local name may be that of another source.
  $<$<BOOL:${CMAKE_UNITY_BUILD}>:-Wno-shadow>
  $<$<BOOL:${SLUICE_WERROR}>:-Werror>)
target_compile_definitions(sluice_options INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE=8
  SLUICE_VERSION="${PROJECT_VERSION}")
if(SLUICE_SANITIZE)
  target_compile_options(sluice_options INTERFACE -fsanitize=${SLUICE_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(sluice_options INTERFACE -fsanitize=${SLUICE_SANITIZE})
endif()

# sluice_library(NAME FOLDERS dir... LINKS target... [EXCLUDE file...])
function(sluice_library name)
  cmake_parse_arguments(arg "" "" "FOLDERS;LINKS;EXCLUDE" ${ARGN})
  set(sources "")
  foreach(folder IN LISTS arg_FOLDERS)
    file(GLOB found CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cpp)
    list(APPEND sources ${found})
  endforeach()
  foreach(file IN LISTS arg_EXCLUDE)
    list(REMOVE_ITEM sources ${CMAKE_SOURCE_DIR}/${file})
  endforeach()
  add_library(${name} STATIC ${sources})
  # Whole libraries of others: each is a large translation unit by itself.
  list(FILTER sources INCLUDE REGEX "_impl\\.cpp$")
  set_source_files_properties(${sources} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  target_link_libraries(${name} PUBLIC sluice_options ${arg_LINKS})
endfunction()

# sluice_embed_openapi(TARGET): adds the parts of the OpenAPI document as a source, made anew when one of them changes.
function(sluice_embed_openapi target)
  file(GLOB parts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/proxy/openapi/document/*.json)
  set(source ${CMAKE_BINARY_DIR}/generated/openapi_parts.cpp)
  set(script ${CMAKE_SOURCE_DIR}/tools/cmake/sluice_embed.cmake)
  list(JOIN parts "," joined)
  add_custom_command(OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${source} -DFILES=${joined} -P ${script}
    DEPENDS ${parts} ${script} VERBATIM)
  target_sources(${target} PRIVATE ${source})
  set_source_files_properties(${source} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

# sluice_program(NAME SOURCES file... LINKS target...)
function(sluice_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE sluice_options ${arg_LINKS})
endfunction()

# sluice_test(NAME GLOBS pattern... LINKS target... [LABELS label...]): one GoogleTest program, one ctest entry.
function(sluice_test name)
  cmake_parse_arguments(arg "" "" "GLOBS;LINKS;LABELS" ${ARGN})
  set(sources "")
  foreach(glob IN LISTS arg_GLOBS)
    file(GLOB_RECURSE found CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${glob})
    list(APPEND sources ${found})
  endforeach()
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE sluice_options ${arg_LINKS} GTest::gmock GTest::gtest GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE SLUICE_TEST_DATA="${CMAKE_SOURCE_DIR}/tests")
  # What is tested is optimized; the tests themselves are not: most of their time was the compiler's.
  target_compile_options(${name} PRIVATE $<$<CONFIG:Debug>:-O0>)
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT 900)
endfunction()

# sluice_fuzzer(NAME SOURCE file LINKS target...): libFuzzer with ASan and UBSan.
function(sluice_fuzzer name)
  cmake_parse_arguments(arg "" "SOURCE" "LINKS" ${ARGN})
  add_executable(${name} ${arg_SOURCE})
  target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  target_link_libraries(${name} PRIVATE sluice_options ${arg_LINKS})
  target_compile_definitions(${name} PRIVATE SLUICE_TEST_DATA="${CMAKE_SOURCE_DIR}/tests")
endfunction()

# sluice_bench(NAME SOURCES file... LINKS target...): Google Benchmark; ctest runs it once so that it cannot rot.
function(sluice_bench name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
  if(NOT arg_SOURCES)
    return()
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE sluice_options ${arg_LINKS} benchmark::benchmark benchmark::benchmark_main)
  set_target_properties(${name} PROPERTIES UNITY_BUILD OFF) # few, and alike
  if(SLUICE_TESTS)
    add_test(NAME ${name} COMMAND ${name} --benchmark_min_time=0.001)
    set_tests_properties(${name} PROPERTIES LABELS bench TIMEOUT 600)
  endif()
endfunction()
