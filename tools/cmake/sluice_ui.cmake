# sluice_embed_ui(TARGET): builds the Serving UI (proxy/ui) with npm and adds its files to the target as a source that defines
# sluice::data::ui_files(). Without npm or the UI's packages (tools/setup installs both), or with SLUICE_UI off, the table is empty.
function(sluice_embed_ui target)
  set(ui ${CMAKE_SOURCE_DIR}/proxy/ui)
  # `npm ci` writes this file last. CMake runs again when it comes or goes.
  file(GLOB packages CONFIGURE_DEPENDS ${ui}/node_modules/.package-lock.json)
  find_program(SLUICE_NPM npm)
  find_program(SLUICE_NODE node)
  if(NOT SLUICE_UI)
    set(why "SLUICE_UI is off")
  elseif(NOT SLUICE_NPM OR NOT SLUICE_NODE)
    set(why "npm was not found; run tools/setup and build again")
  elseif(NOT packages)
    set(why "proxy/ui/node_modules is missing; run tools/setup and build again")
  endif()
  if(DEFINED why)
    message(STATUS "No Serving UI in this build: ${why}")
    set(source ${CMAKE_BINARY_DIR}/generated/no_ui_files.cpp)
    file(CONFIGURE OUTPUT ${source} CONTENT
      "#include \"proxy/data/ui_files.hpp\"\n\nstd::span<const sluice::data::ui_file> sluice::data::ui_files() noexcept {\n    return {};\n}\n")
  else()
    set(source ${CMAKE_BINARY_DIR}/generated/ui_files.cpp)
    set(built ${CMAKE_BINARY_DIR}/generated/ui)
    set(script ${CMAKE_SOURCE_DIR}/tools/cmake/sluice_embed_ui.mjs)
    file(GLOB_RECURSE inputs CONFIGURE_DEPENDS ${ui}/src/* ${ui}/public/*)
    file(GLOB settings CONFIGURE_DEPENDS ${ui}/*.html ${ui}/*.json ${ui}/*.ts ${ui}/*.js)
    list(FILTER inputs EXCLUDE REGEX "\\.test\\.tsx?$")
    add_custom_command(OUTPUT ${source}
      COMMAND ${CMAKE_COMMAND} -E rm -rf ${built}
      COMMAND ${CMAKE_COMMAND} -E env SLUICE_UI_OUT=${built} ${SLUICE_NPM} run --silent build -- --logLevel warn
      COMMAND ${SLUICE_NODE} ${script} ${built} ${source}
      DEPENDS ${inputs} ${settings} ${packages} ${script}
      WORKING_DIRECTORY ${ui} COMMENT "Building the Serving UI" VERBATIM)
  endif()
  target_sources(${target} PRIVATE ${source})
  set_source_files_properties(${source} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
