#include "providers/client_dialect.hpp"
#include "tests/unit/providers/anthropic_fixture.hpp"
#include "tests/unit/providers/bedrock_fixture.hpp"
#include "tests/unit/providers/vertex_fixture.hpp"

namespace sluice::providers::client_dialect_test {
namespace {

TEST(client_dialect, signed_thinking_is_claude_s_whoever_serves_it) {
    EXPECT_TRUE(takes_thoughts(anthropic_target()));
    EXPECT_TRUE(takes_thoughts(bedrock_target()));
    EXPECT_TRUE(takes_thoughts(vertex_target("claude-sonnet-4-5@20250929")));
    EXPECT_FALSE(takes_thoughts(vertex_target("gemini-2.5-flash")));
    EXPECT_FALSE(takes_thoughts(bedrock_target("amazon.nova-lite-v1:0", "amazon")));
    EXPECT_FALSE(takes_thoughts(anthropic_target(claude, task::completions)));
    EXPECT_FALSE(takes_thoughts(target()));
}

} // namespace
} // namespace sluice::providers::client_dialect_test
