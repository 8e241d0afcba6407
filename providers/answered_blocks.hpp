// In which order a model has thought, spoken and called, on the way to clients of other dialects: the member
// `sluice_content_blocks` of a whole chat's message, from this library's writer to its own readers. It is
// there only where thinking stands behind something else, and holds everything once more, of calls but their
// places.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::providers {

class answered_blocks {
public:
    // A part of all texts, of all reasoning or of the list of `thinking_blocks`; or the next call.
    enum class kind : std::uint8_t { text, reasoning, thought, call };
    void add(kind what, std::size_t begin, std::size_t end);
    void add_call() { add(kind::call, 0, 0); }

    // Does thinking stand behind a text or a call?
    [[nodiscard]] bool is_mixed() const noexcept;

    struct sources {
        std::string_view text;
        std::string_view reasoning;
        std::string_view thoughts;
    };
    // Appends the value of `sluice_content_blocks`.
    void append(std::string& out, const sources& of) const;

private:
    struct piece {
        kind what = kind::text;
        std::size_t begin = 0;
        std::size_t end = 0;
    };
    std::vector<piece> pieces_;
};

} // namespace sluice::providers
