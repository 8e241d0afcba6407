// The files of the Serving UI as the build has put them into the program (tools/cmake/sluice_ui.cmake).
#pragma once

#include <span>
#include <string_view>

namespace sluice::data {

// Views of static memory.
struct ui_file {
    std::string_view path; // as it is asked for, "/ui/assets/index-4fGh81Qz.js"; of the page itself "/"
    std::string_view media_type;
    std::string_view tag; // hex digits, of the content
    std::string_view whole;
    std::string_view gzip;   // empty: it would not be smaller
    std::string_view brotli; // likewise
    bool immutable = false;  // another content would have another name
};

// Empty when the program was built without the UI. Any thread.
[[nodiscard]] std::span<const ui_file> ui_files() noexcept;

} // namespace sluice::data
