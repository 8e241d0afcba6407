// Client bodies for unit tests of the parser.
#pragma once

#include "providers/unified.hpp"
#include "tests/unit/providers/padded.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace sluice::providers::unified {

// The sentence of the refusal, or "" when the body is good.
inline std::string refusal(task kind, std::string_view body) {
    const padded bytes(body);
    call out;
    const auto parsed = parse(kind, bytes.view(), out);
    if (parsed) return "";
    EXPECT_EQ(parsed.error().code, errc::bad_request) << body;
    return parsed.error().message;
}

inline std::string chat_with(std::string_view member) {
    return std::string(R"({"messages":[{"role":"user","content":"x"}],)").append(member).append("}");
}

} // namespace sluice::providers::unified
