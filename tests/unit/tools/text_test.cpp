#include "tools/provider/embeddings.hpp"
#include "tools/provider/gzip.hpp"
#include "tools/provider/text.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace sluice::sim::text_test {
namespace {

TEST(text, the_same_seed_gives_the_same_words_and_another_seed_others) {
    EXPECT_EQ(pseudo_text(7, 20), pseudo_text(7, 20));
    EXPECT_NE(pseudo_text(7, 20), pseudo_text(8, 20));
    EXPECT_EQ(pseudo_text(7, 0), "");
}

TEST(text, one_word_is_one_token) {
    for (const std::size_t words : {1U, 2U, 63U, 500U})
        EXPECT_EQ(count_tokens(pseudo_text(words, words)), words);
}

TEST(text, the_hash_is_the_same_on_every_machine) {
    // Golden values: answers that tests and users have kept must not change.
    EXPECT_EQ(hash_text("hello, world"), 0xad15ed1921f3c673ULL);
    EXPECT_NE(hash_text("hello, world"), hash_text("hello, worle"));
    EXPECT_NE(hash_text("a"), hash_text(std::string_view("a\0", 2)));
    EXPECT_NE(hash_text("a", 1), hash_text("a", 2));
    EXPECT_EQ(pseudo_text(1, 6), "who sleeps past again silver new");
}

TEST(text, filler_has_exactly_the_bytes_asked_for) {
    for (const std::size_t bytes : {0U, 1U, 7U, 1000U})
        EXPECT_EQ(filler_text(3, bytes).size(), bytes);
}

TEST(text, tokens_put_together_are_the_text) {
    for (const std::string text :
         {"", " ", "one", "  two words ", "supercalifragilistic", "🪐🪐🪐🪐🪐 über\n\tß", "a  b"}) {
        std::string joined;
        std::size_t count = 0;
        for (std::size_t at = 0; at < text.size(); ++count) {
            const std::size_t end = token_end(text, at);
            ASSERT_GT(end, at);
            joined += text.substr(at, end - at);
            at = end;
        }
        EXPECT_EQ(joined, text);
        EXPECT_EQ(count_tokens(text), count);
    }
}

TEST(text, a_token_never_ends_inside_a_character) {
    const std::string text = "abcdefg🪐🪐";
    EXPECT_EQ(token_end(text, 0), 11U);
    EXPECT_EQ(token_end(text, 11), 15U);
}

TEST(text, the_first_tokens_of_a_text_are_cut_at_their_end) {
    EXPECT_EQ(bytes_of_tokens("one two three", 2), 7U);
    EXPECT_EQ(bytes_of_tokens("one two", 9), 7U);
    EXPECT_EQ(bytes_of_tokens("one two", 0), 0U);
}

TEST(text, json_text_is_escaped_as_json_asks) {
    std::string out;
    append_quoted(out, std::string_view("a\"b\\c\n\r\t\x01/\x1f\0é", 14));
    EXPECT_EQ(out, "\"a\\\"b\\\\c\\n\\r\\t\\u0001/\\u001f\\u0000é\"");
}

TEST(text, base64_follows_rfc_4648) {
    const auto encoded = [](std::string_view text) {
        std::string out;
        append_base64(out, text);
        return out;
    };
    EXPECT_EQ(encoded(""), "");
    EXPECT_EQ(encoded("f"), "Zg==");
    EXPECT_EQ(encoded("fo"), "Zm8=");
    EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
    EXPECT_EQ(encoded("\xff\xfe"), "//4=");
}

TEST(text, numbers_are_written_in_decimal_and_hexadecimal) {
    std::string out;
    append_number(out, 18446744073709551615ULL);
    out += ' ';
    append_hex(out, 0xabcULL);
    EXPECT_EQ(out, "18446744073709551615 0000000000000abc");
}

TEST(embeddings, a_vector_has_length_one_and_depends_on_the_text) {
    for (const std::size_t dimensions : {1U, 4U, 1536U}) {
        const std::vector<float> v = embedding_of("alpha", dimensions);
        ASSERT_EQ(v.size(), dimensions);
        double squares = 0;
        for (const float x : v)
            squares += static_cast<double>(x) * static_cast<double>(x);
        EXPECT_NEAR(std::sqrt(squares), 1, 1e-5);
        EXPECT_EQ(v, embedding_of("alpha", dimensions));
    }
    EXPECT_NE(embedding_of("alpha", 8), embedding_of("beta", 8));
}

TEST(embeddings, known_models_have_their_dimensions) {
    EXPECT_EQ(default_dimensions("text-embedding-3-large"), 3072U);
    EXPECT_EQ(default_dimensions("text-embedding-ada-002"), 1536U);
    EXPECT_EQ(default_dimensions("anything"), 16U);
}

TEST(embeddings, base64_is_little_endian_binary32) {
    const std::vector<float> v{0.125F, -0.5F, 0.25F, 1.0F};
    std::string out;
    append_floats_base64(out, v);
    EXPECT_EQ(out, "\"AAAAPgAAAL8AAIA+AACAPw==\"");
    out.clear();
    append_floats(out, v);
    EXPECT_EQ(out, "[0.125,-0.5,0.25,1]");
}

TEST(gzip, a_member_has_header_stored_block_checksum_and_size) {
    std::string out;
    append_gzip(out, "123456789");
    ASSERT_EQ(out.size(), 10U + 5U + 9U + 8U);
    EXPECT_EQ(out.substr(0, 3), "\x1f\x8b\x08");
    EXPECT_EQ(out.substr(10, 5), std::string("\x01\x09\x00\xf6\xff", 5));
    EXPECT_EQ(out.substr(15, 9), "123456789");
    EXPECT_EQ(out.substr(24, 4), "\x26\x39\xf4\xcb"); // CRC-32 check value cbf43926
    EXPECT_EQ(out.substr(28, 4), std::string("\x09\x00\x00\x00", 4));
}

TEST(gzip, data_beyond_a_stored_block_takes_several) {
    const std::string data(70'000, 'x');
    std::string out;
    append_gzip(out, data);
    EXPECT_EQ(out.size(), 10U + 5U + 65'535U + 5U + (70'000U - 65'535U) + 8U);
    EXPECT_EQ(out[10], '\x00');
    EXPECT_EQ(out[10 + 5 + 65'535], '\x01');
}

} // namespace
} // namespace sluice::sim::text_test
