// Frames of application/vnd.amazon.eventstream: the known ones, whole and in pieces, and bad ones.
#include "core/base/crc32.hpp"
#include "providers/event_stream.hpp"
#include "tests/golden/golden_support.hpp"
#include "tests/support/event_frames.hpp"

#include <gmock/gmock.h>

namespace sluice::providers::event_stream::event_stream_test {

namespace {

namespace bj = boost::json;
using test::frame_bytes;
using test::from_hex;
using testing::HasSubstr;

constexpr std::size_t most_payload = 16U * 1024 * 1024;

std::string hex(std::string_view bytes) {
    std::string out;
    for (const char c : bytes) {
        constexpr std::string_view digits = "0123456789abcdef";
        out += digits[static_cast<unsigned char>(c) >> 4U];
        out += digits[static_cast<unsigned char>(c) & 15U];
    }
    return out;
}

bj::value value_of(const header& of) {
    switch (of.type) {
    case header_type::true_value: return true;
    case header_type::false_value: return false;
    case header_type::text: return bj::value(bj::string_view(of.value.data(), of.value.size()));
    case header_type::bytes:
    case header_type::uuid: return bj::value(hex(of.value));
    default: return of.integer();
    }
}

// As the vectors show frames; the last element is a text when the stream is bad or cut.
bj::array read_all(const std::vector<std::string_view>& pieces, std::size_t most = most_payload) {
    bj::array out;
    reader from(most);
    for (const std::string_view piece : pieces) {
        const padded bytes(piece);
        from.feed(bytes.view());
        while (true) {
            const auto next = from.next();
            if (!next) {
                EXPECT_EQ(next.error().code, errc::bad_upstream);
                EXPECT_FALSE(from.next()) << "the error stays";
                out.emplace_back(next.error().message);
                return out;
            }
            const frame* const one = *next;
            if (one == nullptr) break;
            bj::object headers;
            for (const header& each : one->headers)
                headers[{each.name.data(), each.name.size()}] = value_of(each);
            out.push_back(bj::object{{"headers", headers},
                                     {"payload", bj::string_view(one->payload.data(), one->payload.size())}});
        }
    }
    if (from.in_frame()) out.emplace_back("cut");
    return out;
}

bj::array expected(const bj::value& vector) {
    bj::array out;
    for (const bj::value& each : vector.at("decoded").as_array())
        out.push_back(bj::object{{"headers", each.at("headers")}, {"payload", each.at("payload")}});
    return out;
}

std::vector<std::string_view> cut_at(std::string_view bytes, std::size_t at) {
    return {bytes.substr(0, at), bytes.substr(at)};
}

std::vector<std::string_view> one_by_one(std::string_view bytes) {
    std::vector<std::string_view> out;
    out.reserve(bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i)
        out.push_back(bytes.substr(i, 1));
    return out;
}

TEST(event_stream, the_known_good_frames_are_read_whole_and_at_every_cut) {
    const bj::value vectors = bj::parse(golden::read_file("vectors/eventstream.json"));
    ASSERT_EQ(vectors.at("good").as_array().size(), 10U);
    for (const bj::value& vector : vectors.at("good").as_array()) {
        SCOPED_TRACE(std::string(golden::text_of(vector.at("name"))));
        const std::string bytes = from_hex(golden::text_of(vector.at("hex")));
        EXPECT_EQ(read_all({bytes}), expected(vector));
        EXPECT_EQ(read_all(one_by_one(bytes)), expected(vector));
        for (std::size_t at = 0; at <= bytes.size(); ++at)
            ASSERT_EQ(read_all(cut_at(bytes, at)), expected(vector)) << at;
    }
}

TEST(event_stream, the_known_bad_frames_are_refused_whole_and_at_every_cut) {
    const bj::value vectors = bj::parse(golden::read_file("vectors/eventstream.json"));
    ASSERT_EQ(vectors.at("bad").as_array().size(), 5U);
    for (const bj::value& vector : vectors.at("bad").as_array()) {
        SCOPED_TRACE(std::string(golden::text_of(vector.at("name"))));
        const std::string bytes = from_hex(golden::text_of(vector.at("hex")));
        const bool is_checksum = vector.at("expect") == "ChecksumMismatch";
        for (std::size_t at = 0; at <= bytes.size(); ++at) {
            const bj::array out = read_all(cut_at(bytes, at));
            ASSERT_EQ(out.size(), 1U);
            EXPECT_THAT(std::string(golden::text_of(out[0])),
                        HasSubstr(is_checksum ? "checksum" : "too long"));
        }
    }
}

TEST(event_stream, every_flipped_bit_is_noticed) {
    const std::string good = frame_bytes({{":message-type", "event"}, {":event-type", "x"}}, "{}");
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
        std::string bad = good;
        bad[bit / 8] = static_cast<char>(static_cast<unsigned char>(bad[bit / 8]) ^ (1U << bit % 8));
        const bj::array out = read_all({bad});
        ASSERT_EQ(out.size(), 1U);
        EXPECT_TRUE(out[0].is_string()) << bit;
    }
}

TEST(event_stream, an_end_inside_a_frame_shows_and_one_between_frames_does_not) {
    const std::string bytes = frame_bytes({{":event-type", "x"}}, "{}");
    for (std::size_t size = 1; size < bytes.size(); ++size)
        EXPECT_EQ(read_all({std::string_view(bytes).substr(0, size)}), bj::array({"cut"})) << size;
    EXPECT_EQ(read_all({bytes}).size(), 1U);
    EXPECT_TRUE(read_all({""}).empty());
}

TEST(event_stream, the_payload_has_a_limit) {
    const std::string bytes = frame_bytes({{"a", "b"}}, std::string(100, 'x'));
    EXPECT_TRUE(read_all({bytes}, 100).front().is_object());
    EXPECT_EQ(read_all({bytes}, 99), bj::array({"an event of the stream is too long"}));
}

TEST(event_stream, lengths_and_headers_that_contradict_the_format_are_refused) {
    const auto sentence_of = [](std::string_view bytes) {
        const bj::array out = read_all({bytes});
        return out.size() == 1 && out[0].is_string() ? std::string(golden::text_of(out[0])) : std::string();
    };
    EXPECT_THAT(sentence_of(test::prelude_bytes(15, 0)), HasSubstr("contradict"));
    EXPECT_THAT(sentence_of(test::prelude_bytes(20, 5)), HasSubstr("contradict"));
    EXPECT_THAT(sentence_of(test::prelude_bytes(0, 0)), HasSubstr("contradict"));
    EXPECT_THAT(sentence_of(frame_bytes({{"a", "1"}, {"a", "2"}}, "")), HasSubstr("twice"));
    const auto with_headers = [&](std::string_view headers) {
        return sentence_of(test::framed(headers, ""));
    };
    EXPECT_THAT(with_headers(std::string_view("\x01\x61", 2)), HasSubstr("cut"));
    EXPECT_THAT(with_headers(std::string_view("\x05\x61", 2)), HasSubstr("cut"));
    EXPECT_THAT(with_headers(std::string_view("\x00\x00", 2)), HasSubstr("cut"));
    EXPECT_THAT(with_headers(std::string_view("\x01\x61\x0a", 3)), HasSubstr("unknown type"));
    EXPECT_THAT(with_headers(std::string_view("\x01\x61\x07\x00", 4)), HasSubstr("cut"));
    EXPECT_THAT(with_headers(std::string_view("\x01\x61\x07\x00\x02x", 6)), HasSubstr("cut"));
    std::string many;
    for (char c = 1; c <= 65; ++c)
        many.append({'\x01', c, '\0'});
    EXPECT_THAT(with_headers(many), HasSubstr("too many"));
}

TEST(event_stream, frames_from_the_input_and_from_the_buffer_take_turns) {
    const std::string one = frame_bytes({{"n", "1"}}, "first");
    const std::string two = frame_bytes({{"n", "2"}}, "second");
    const std::string all = one + two + one + two;
    const bj::array whole = read_all({all});
    ASSERT_EQ(whole.size(), 4U);
    for (std::size_t at = 0; at <= all.size(); ++at)
        ASSERT_EQ(read_all(cut_at(all, at)), whole) << at;
}

} // namespace
} // namespace sluice::providers::event_stream::event_stream_test
