# Puts JSON files into a program: writes a source that defines sluice::openapi::document_parts(). Run as a script, at
# build time: cmake -DOUTPUT=file -DFILES=a.json,b.json -P sluice_embed.cmake
string(REPLACE "," ";" files "${FILES}")
set(parts "")
foreach(file IN LISTS files)
  file(READ ${file} text)
  if(text MATCHES "\\)json_part\"")
    message(FATAL_ERROR "${file} holds the mark that ends a part")
  endif()
  string(APPEND parts "    R\"json_part(${text})json_part\",\n")
endforeach()
file(WRITE ${OUTPUT}
  "// Made by tools/cmake/sluice_embed.cmake.\n"
  "#include \"proxy/openapi/parts.hpp\"\n\n"
  "namespace sluice::openapi {\n\n"
  "namespace {\n\n"
  "constexpr std::string_view parts[] = {\n${parts}};\n\n"
  "} // namespace\n\n"
  "std::span<const std::string_view> document_parts() noexcept {\n"
  "    return parts;\n"
  "}\n\n"
  "} // namespace sluice::openapi\n")
