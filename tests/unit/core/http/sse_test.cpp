#include "core/http/sse.hpp"
#include "core/json/reader.hpp"
#include "core/json/writer.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::http::sse_test {

namespace {

struct seen {
    std::vector<std::string>
        events; // type, LF, data; as JSON texts, which makes bytes that are not UTF-8 U+FFFD
    std::vector<std::string> flushed;
    bool failed = false;

    friend bool operator==(const seen&, const seen&) = default;
};

void PrintTo(const seen& what, std::ostream* out) {
    for (const std::string& event : what.events)
        *out << event << ' ';
    *out << "| ";
    for (const std::string& event : what.flushed)
        *out << event << ' ';
    if (what.failed) *out << "failed";
}

std::string print(std::string_view type, std::string_view data) {
    std::string text;
    json::append_string(text, type);
    text += ':';
    json::append_string(text, data);
    return text;
}

// Checks the promise that padding behind the data may be read: under ASan a broken one stops the test.
std::string print(const sse_event& event) {
    unsigned sum = 0;
    for (std::size_t i = 0; i < json::padding; ++i) {
        const volatile char* at = event.data.data() + event.data.size() + i;
        sum += static_cast<unsigned char>(*at);
    }
    return print(event.type, event.data) + (sum == ~0U ? "!" : "");
}

// Every read lies in memory of its own, which is gone before the next: a view that outlives it is found by
// ASan.
seen decode(const std::vector<std::string>& reads, std::size_t limit = 1024) {
    seen result;
    sse_decoder decoder(limit);
    for (const std::string& read : reads) {
        const auto memory = std::make_unique<char[]>(read.size() + json::padding);
        std::memcpy(memory.get(), read.data(), read.size());
        decoder.feed({memory.get(), read.size()});
        for (;;) {
            const auto event = decoder.next();
            if (!event) {
                result.failed = true;
                return result;
            }
            if (!*event) break;
            result.events.push_back(print(**event));
        }
    }
    if (const auto event = decoder.finish()) result.flushed.push_back(print(*event));
    return result;
}

std::string join(const std::vector<std::string>& reads) {
    std::string all;
    for (const std::string& read : reads)
        all += read;
    return all;
}

std::vector<std::string> bytes_of(const std::string& text) {
    std::vector<std::string> reads;
    for (const char c : text)
        reads.emplace_back(1, c);
    return reads;
}

// The events of `text` read as one, byte by byte, and cut at each position.
void expect_for_any_split(const std::string& text, const seen& expected, std::size_t limit = 1024) {
    EXPECT_EQ(decode({text}, limit), expected);
    EXPECT_EQ(decode(bytes_of(text), limit), expected) << "byte by byte";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        EXPECT_EQ(decode({text.substr(0, cut), text.substr(cut)}, limit), expected) << "cut at " << cut;
    }
}

std::string from_hex(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes += static_cast<char>(std::strtoul(std::string(hex.substr(i, 2)).c_str(), nullptr, 16));
    }
    return bytes;
}

std::vector<std::string> expected_events(const boost::json::value& list) {
    std::vector<std::string> events;
    for (const auto& event : list.as_array()) {
        const auto& type = event.as_object().at("event");
        events.push_back(print(type.is_null() ? std::string_view{} : std::string_view(type.as_string()),
                               event.as_object().at("data").as_string()));
    }
    return events;
}

boost::json::value read_vectors() {
    std::ifstream file(SLUICE_TEST_DATA "/golden/vectors/sse.json");
    const std::string text(std::istreambuf_iterator<char>(file), {});
    auto tree = json::parse_tree(text);
    return tree ? std::move(*tree) : boost::json::value();
}

} // namespace

TEST(sse, all_vectors_give_their_events_for_any_split) {
    const boost::json::value file = read_vectors();
    ASSERT_TRUE(file.is_object());
    const auto& vectors = file.as_object().at("vectors").as_array();
    ASSERT_EQ(vectors.size(), 42U);
    for (const auto& vector : vectors) {
        SCOPED_TRACE(std::string_view(vector.as_object().at("name").as_string()));
        std::vector<std::string> reads;
        for (const auto& chunk : vector.as_object().at("chunks_hex").as_array()) {
            reads.push_back(from_hex(chunk.as_string()));
        }
        seen expected;
        expected.events = expected_events(vector.as_object().at("events"));
        expected.flushed = expected_events(vector.as_object().at("events_flushed_at_eof"));
        EXPECT_EQ(decode(reads), expected) << "as recorded";
        expect_for_any_split(join(reads), expected);
    }
}

TEST(sse, an_event_that_lies_whole_in_the_input_is_a_view_of_it) {
    std::string input = "data: {\"a\":1}\n\ndata: {\"b\":2}\n\n";
    const std::size_t size = input.size();
    input.resize(size + json::padding);
    sse_decoder decoder;
    decoder.feed(std::string_view(input).substr(0, size));
    const auto first = decoder.next();
    ASSERT_TRUE(first && *first);
    EXPECT_EQ((*first)->data.data(), input.data() + 6);
    const auto second = decoder.next();
    ASSERT_TRUE(second && *second);
    EXPECT_EQ((*second)->data.data(), input.data() + 21);
}

TEST(sse, an_event_of_the_largest_size_is_served) {
    expect_for_any_split(
        "data:" + std::string(15, 'x') + "\n\n", {{print("", std::string(15, 'x'))}, {}, false}, 20);
}

TEST(sse, a_line_that_is_too_long_is_an_error_for_any_split) {
    expect_for_any_split("data:1\n\ndata:" + std::string(16, 'x') + "\n\n", {{print("", "1")}, {}, true}, 20);
}

TEST(sse, a_comment_that_is_too_long_is_an_error_even_if_it_never_ends) {
    expect_for_any_split(":" + std::string(20, 'x'), {{}, {}, true}, 20);
}

TEST(sse, data_lines_that_are_too_long_together_are_an_error_for_any_split) {
    const std::string lines = "data:12345678\ndata:12345678\ndata:12\n\n";
    expect_for_any_split(lines, {{print("", "12345678\n12345678\n12")}, {}, false}, 20);
    expect_for_any_split("data:12345678\ndata:12345678\ndata:123\n\n", {{}, {}, true}, 20);
}

TEST(sse, an_error_is_repeated_and_nothing_is_flushed_after_it) {
    const std::string input = "data: 123456789\n\ndata: 1\n\n" + std::string(json::padding, ' ');
    sse_decoder decoder(8);
    decoder.feed(std::string_view(input).substr(0, input.size() - json::padding));
    for (int i = 0; i < 3; ++i) {
        const auto event = decoder.next();
        ASSERT_FALSE(event);
        EXPECT_EQ(event.error().code, errc::bad_upstream);
    }
    EXPECT_EQ(decoder.finish(), std::nullopt);
}

TEST(sse, an_event_is_not_held_back_for_the_lf_of_its_last_crlf) {
    EXPECT_EQ(decode({"data: 1\r\n\r", "\ndata: 2\r\n\r\n"}),
              (seen{{print("", "1"), print("", "2")}, {}, false}));
    sse_decoder decoder;
    const std::string input = "data: 1\r\n\r" + std::string(json::padding, ' ');
    decoder.feed(std::string_view(input).substr(0, 10));
    const auto event = decoder.next();
    ASSERT_TRUE(event && *event);
    EXPECT_EQ((*event)->data, "1");
}

TEST(sse, the_event_name_stays_readable_beside_the_data) {
    const std::string name(100, 'n');
    expect_for_any_split("event: " + name + "\ndata: 1\n\ndata: 2\n\n",
                         {{print(name, "1"), print("", "2")}, {}, false});
}

} // namespace sluice::http::sse_test
