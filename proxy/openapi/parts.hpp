// The files of proxy/openapi/document as the build has put them into the program
// (tools/cmake/sluice_embed.cmake).
#pragma once

#include <span>
#include <string_view>

namespace sluice::openapi {

// Each is one JSON object: a part of the whole document.
[[nodiscard]] std::span<const std::string_view> document_parts() noexcept;

} // namespace sluice::openapi
