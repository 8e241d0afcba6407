// The known answers of AWS Signature Version 4, every step of each.
#include "providers/sigv4.hpp"
#include "tests/golden/golden_support.hpp"

#include <gmock/gmock.h>

namespace sluice::providers::sigv4::sigv4_test {

namespace {

namespace bj = boost::json;
using testing::HasSubstr;

constexpr wall_ms signing_time = 1'768'480'496'789; // 2026-01-15T12:34:56.789Z

std::string_view text_at(const bj::value& of, std::string_view name) {
    const bj::value& found = of.at({name.data(), name.size()});
    return found.is_null() ? std::string_view() : golden::text_of(found);
}

std::string hex(std::string_view bytes) {
    std::string out;
    for (const char c : bytes) {
        constexpr std::string_view digits = "0123456789abcdef";
        out += digits[static_cast<unsigned char>(c) >> 4U];
        out += digits[static_cast<unsigned char>(c) & 15U];
    }
    return out;
}

struct known_answer {
    explicit known_answer(const bj::value& vector)
        : body(text_at(vector, "body_utf8"))
        , with{text_at(vector, "access_key_id"),
               text_at(vector, "secret_access_key"),
               text_at(vector, "session_token")}
        , in{text_at(vector, "region"), text_at(vector, "service")} {
        const std::string_view url = text_at(vector, "url");
        const std::size_t host = url.find("://") + 3;
        const std::size_t path = url.find('/', host);
        for (const auto& [name, value] : vector.at("headers_before_signing").as_object())
            fields.push_back({{name.data(), name.size()}, golden::text_of(value)});
        fields.push_back({"Host", url.substr(host, path - host)});
        of = {text_at(vector, "method"), url.substr(path), fields, {&body, 1}};
    }
    known_answer(const known_answer&) = delete;
    known_answer& operator=(const known_answer&) = delete;

    std::string_view body;
    keys with;
    scope in;
    std::vector<head_field> fields;
    message of;
};

TEST(sigv4, every_step_gives_the_known_answer) {
    const bj::value vectors = bj::parse(golden::read_file("vectors/sigv4.json"));
    ASSERT_EQ(vectors.at("cases").as_array().size(), 10U);
    for (const bj::value& vector : vectors.at("cases").as_array()) {
        SCOPED_TRACE(std::string(text_at(vector, "name")));
        known_answer known(vector);
        std::string lines;
        ASSERT_TRUE(append_proof(lines, known.of, known.with, known.in, signing_time));
        EXPECT_THAT(
            lines,
            HasSubstr(
                std::string("Authorization: ").append(text_at(vector, "authorization")).append("\r\n")));
        EXPECT_THAT(lines, HasSubstr("X-Amz-Date: 20260115T123456Z\r\n"));
        EXPECT_EQ(lines.find("X-Amz-Security-Token: ") != std::string::npos, !known.with.session.empty());

        sha256 hasher;
        std::vector<head_field> all = known.fields;
        for (const auto& [name, value] : vector.at("headers_added").as_object())
            all.push_back({{name.data(), name.size()}, golden::text_of(value)});
        known.of.fields = all;
        const canonical_request request = canonical(known.of, hasher);
        EXPECT_EQ(request.text, text_at(vector, "canonical_request"));
        EXPECT_EQ(hex(as_text(hasher.digest(request.text))), text_at(vector, "canonical_request_sha256"));
        const std::string_view time = text_at(vector, "amz_date");
        EXPECT_EQ(string_to_sign(time, known.in, request.text, hasher), text_at(vector, "string_to_sign"));
        const secret_string key = signing_key(known.with.secret, time.substr(0, 8), known.in);
        EXPECT_EQ(hex(key.reveal()), text_at(vector, "signing_key_hex"));
    }
}

TEST(sigv4, a_body_in_pieces_is_signed_as_the_whole) {
    const std::array<head_field, 1> fields = {{{"Host", "h"}}};
    const std::array<std::string_view, 1> whole = {"{\"inputText\":\"hi\"}"};
    const std::array<std::string_view, 3> pieces = {"{\"input", "", "Text\":\"hi\"}"};
    std::string one;
    std::string other;
    const keys with{"AKID", "secret", ""};
    const scope in{"us-east-1", "bedrock"};
    ASSERT_TRUE(append_proof(one, {"POST", "/x", fields, whole}, with, in, signing_time));
    ASSERT_TRUE(append_proof(other, {"POST", "/x", fields, pieces}, with, in, signing_time));
    EXPECT_EQ(one, other);
}

TEST(sigv4, a_time_before_1970_and_one_far_ahead_have_texts) {
    EXPECT_EQ(time_text(0), "19700101T000000Z");
    EXPECT_EQ(time_text(-1), "19691231T235959Z");
    EXPECT_EQ(time_text(253'402'300'799'999), "99991231T235959Z");
}

TEST(sigv4, keys_that_cannot_stand_in_a_head_are_refused) {
    const std::array<head_field, 1> fields = {{{"Host", "h"}}};
    const scope in{"us-east-1", "bedrock"};
    std::string lines;
    EXPECT_FALSE(append_proof(lines, {"POST", "/x", fields, {}}, {"AK\r\nID", "s", ""}, in, 0));
    EXPECT_FALSE(append_proof(lines, {"POST", "/x", fields, {}}, {"AKID", "s", "a\nb"}, in, 0));
}

} // namespace
} // namespace sluice::providers::sigv4::sigv4_test
