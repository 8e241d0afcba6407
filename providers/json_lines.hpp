// Reads a body of JSON texts, one on each line: the same lines for any split of the input. A line that lies
// whole in the input is handed out as a view of it.
#pragma once

#include "core/base/error.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::providers {

class json_lines {
public:
    // A longer line is an error (bad_upstream), and every later next() repeats it.
    explicit json_lines(std::size_t max_line_bytes)
        : max_line_bytes_(max_line_bytes) {}

    // Gives the next piece of input. `in` must stay unchanged until next() has returned nullopt, and
    // json::padding bytes behind it must be readable.
    void feed(std::string_view in);

    // The next line that is not blank, without its end; nullopt when the input is used up. Good until the
    // next call; json::padding bytes behind it are readable.
    [[nodiscard]] result<std::optional<std::string_view>> next();

    // At the end of input: the line that no line end ended, if there is one.
    [[nodiscard]] std::optional<std::string_view> finish();

private:
    std::string_view in_;
    std::string partial_;     // a line that began in an earlier input
    bool handed_out_ = false; // partial_ is to be forgotten by the next call
    bool failed_ = false;
    std::size_t max_line_bytes_;
};

} // namespace sluice::providers
