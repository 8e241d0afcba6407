#include "core/base/error.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <regex>
#include <string>
#include <string_view>

namespace sluice::error_test {

namespace {

// What the SDKs look for, in lower case. std::regex is good enough for a test.
bool would_be_retried(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    for (const std::string_view phrase : {"unexpected error",
                                          "please try again later or try a faster operation.",
                                          "rpc token bucket limit has been exceeded",
                                          "clusternotreadyexception",
                                          "unknown worker environment",
                                          "does not have any associated worker environments",
                                          "there is no worker environment with id",
                                          "timed out after ",
                                          "deadline exceeded"}) {
        if (text.find(phrase) != std::string::npos) return true;
    }
    return std::regex_search(text, std::regex("worker env .* not found"));
}

std::string without_joiners(std::string text) {
    for (std::size_t at = text.find("\xE2\x81\xA0"); at != std::string::npos; at = text.find("\xE2\x81\xA0"))
        text.erase(at, 3);
    return text;
}

} // namespace

TEST(error, every_code_has_its_status_and_api_code) {
    struct row {
        errc code;
        int status;
        std::string_view name;
    };
    const row rows[] = {
        {errc::invalid_parameter_value, 400, "INVALID_PARAMETER_VALUE"},
        {errc::bad_request, 400, "BAD_REQUEST"},
        {errc::payload_too_large, 400, "BAD_REQUEST"},
        {errc::unauthenticated, 401, "UNAUTHENTICATED"},
        {errc::permission_denied, 403, "PERMISSION_DENIED"},
        {errc::resource_does_not_exist, 404, "RESOURCE_DOES_NOT_EXIST"},
        {errc::endpoint_not_found, 404, "ENDPOINT_NOT_FOUND"},
        {errc::resource_conflict, 409, "RESOURCE_CONFLICT"},
        {errc::resource_already_exists, 409, "RESOURCE_ALREADY_EXISTS"},
        {errc::secret_already_exists, 400, "RESOURCE_ALREADY_EXISTS"},
        {errc::secret_limit_exceeded, 400, "RESOURCE_LIMIT_EXCEEDED"},
        {errc::request_limit_exceeded, 429, "REQUEST_LIMIT_EXCEEDED"},
        {errc::cancelled, 499, "CANCELLED"},
        {errc::internal_error, 500, "INTERNAL_ERROR"},
        {errc::bad_upstream, 502, "INTERNAL_ERROR"},
        {errc::not_implemented, 501, "NOT_IMPLEMENTED"},
        {errc::temporarily_unavailable, 503, "TEMPORARILY_UNAVAILABLE"},
        {errc::deadline_exceeded, 504, "DEADLINE_EXCEEDED"},
        {errc::stale_connection, 502, "INTERNAL_ERROR"},
        {errc::connection_closed, 502, "INTERNAL_ERROR"},
    };
    for (const row& each : rows) {
        EXPECT_EQ(status_of(each.code).http_status, each.status) << each.name;
        EXPECT_EQ(status_of(each.code).error_code, each.name);
    }
}

TEST(error, the_body_holds_code_and_message_as_json) {
    EXPECT_EQ(error_body({errc::bad_request, "a \"b\"\n", 0}),
              R"({"error_code":"BAD_REQUEST","message":"a \"b\"\n"})");
    EXPECT_EQ(error_body("X", "timed out after 3 s"),
              "{\"error_code\":\"X\",\"message\":\"t\xE2\x81\xA0imed out after 3 s\"}");
}

TEST(error, a_text_without_retry_phrases_stays_as_it_is) {
    for (const std::string_view text : {"",
                                        "U",
                                        "Unexpected",
                                        "unexpected  error",
                                        "Timed out after",
                                        "worker env not found",
                                        "worker env 5 was not  found",
                                        "not found: worker env ",
                                        "deadline was exceeded"}) {
        ASSERT_FALSE(would_be_retried(std::string(text)));
        EXPECT_EQ(break_retry_phrases(text), text);
    }
}

TEST(error, every_retry_phrase_is_broken_wherever_it_stands_and_however_it_is_spelled) {
    for (const std::string_view phrase : {"Unexpected error",
                                          "Please try again later or try a faster operation.",
                                          "RPC token bucket limit has been exceeded",
                                          "ClusterNotReadyException",
                                          "Unknown worker environment",
                                          "does not have any associated worker environments",
                                          "There is no worker environment with id",
                                          "Timed out after ",
                                          "deadline exceeded",
                                          "worker env 12 not found",
                                          "worker env  not found",
                                          "DEADLINE EXCEEDED",
                                          "uNEXPECTED eRROR",
                                          "WORKER ENV x NOT FOUND"}) {
        for (const std::string& text : {std::string(phrase),
                                        "x" + std::string(phrase) + "y",
                                        std::string(phrase) + std::string(phrase),
                                        "Un" + std::string(phrase),
                                        std::string(phrase) + " not found"}) {
            ASSERT_TRUE(would_be_retried(text));
            const std::string broken = break_retry_phrases(text);
            EXPECT_FALSE(would_be_retried(broken)) << broken;
            EXPECT_EQ(without_joiners(broken), text);
        }
    }
}

TEST(error, our_own_fail_keeps_its_parts) {
    const result<int> failed = fail(errc::request_limit_exceeded, "slow down", 7);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, errc::request_limit_exceeded);
    EXPECT_EQ(failed.error().message, "slow down");
    EXPECT_EQ(failed.error().retry_after_seconds, 7);
}

} // namespace sluice::error_test
