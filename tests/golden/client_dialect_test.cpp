// Every stream of a chat that this gateway writes becomes a well-formed one in the dialects of other clients.
#include "core/json/reader.hpp"
#include "tests/unit/providers/client_dialect_fixture.hpp"

#include <boost/json.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

namespace sluice::providers::client_dialect_test {

namespace {

namespace bj = boost::json;

struct named_event {
    std::string name;
    bj::value data;
};

std::vector<named_event> events_in(std::string_view stream) {
    std::vector<named_event> all;
    while (!stream.empty()) {
        const std::string_view front = "event: ";
        const std::size_t line = stream.find("\ndata: ");
        const std::size_t end = stream.find("\n\n");
        if (!stream.starts_with(front) || line == stream.npos || end == stream.npos || line > end) {
            ADD_FAILURE() << stream;
            break;
        }
        const std::string_view data = stream.substr(line + 7, end - line - 7);
        const auto value = json::parse_tree(data);
        EXPECT_TRUE(value.has_value()) << data;
        all.push_back({std::string(stream.substr(front.size(), line - front.size())),
                       value ? *value : bj::value(bj::object())});
        stream.remove_prefix(end + 2);
    }
    for (const named_event& each : all)
        EXPECT_EQ(each.name, bj::value_to<std::string>(each.data.at("type")));
    return all;
}

// Blocks do not overlap, are counted from 0, and are closed before the message's end.
void check_message(const std::vector<named_event>& all) {
    ASSERT_GE(all.size(), 3U);
    EXPECT_EQ(all.front().name, "message_start");
    EXPECT_EQ(all.back().name, "message_stop");
    EXPECT_EQ(all[all.size() - 2].name, "message_delta");
    std::int64_t index = -1;
    bool open = false;
    for (std::size_t i = 1; i + 2 < all.size(); ++i) {
        const named_event& each = all[i];
        const bool starts = each.name == "content_block_start";
        EXPECT_NE(open, starts) << each.name;
        index += starts ? 1 : 0;
        EXPECT_EQ(each.data.at("index").to_number<std::int64_t>(), index);
        open = each.name != "content_block_stop";
    }
    EXPECT_FALSE(open);
}

// Numbers run, every item that is begun is done, and the last event has them all.
void check_response(const std::vector<named_event>& all) {
    ASSERT_GE(all.size(), 3U);
    EXPECT_EQ(all[0].name, "response.created");
    EXPECT_EQ(all[1].name, "response.in_progress");
    std::int64_t number = 0;
    bj::array done;
    std::int64_t added = 0;
    for (const named_event& each : all) {
        EXPECT_EQ(each.data.at("sequence_number").to_number<std::int64_t>(), number++);
        if (each.name == "response.output_item.added") {
            EXPECT_EQ(each.data.at("output_index").to_number<std::int64_t>(), added++);
        }
        if (each.name == "response.output_item.done") done.push_back(each.data.at("item"));
    }
    EXPECT_EQ(static_cast<std::int64_t>(done.size()), added);
    const bj::value& last = all.back().data.at("response");
    EXPECT_EQ(all.back().name, "response." + bj::value_to<std::string>(last.at("status")));
    EXPECT_EQ(last.at("output"), bj::value(done));
}

std::string contents(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

TEST(golden_client_dialect, streams_of_chats) {
    int seen = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(SLUICE_TEST_DATA "/golden")) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with("chat-") || !name.ends_with("-stream.gateway.sse")) continue;
        const std::string stream = contents(entry.path());
        SCOPED_TRACE(entry.path().string());
        const bool is_whole = stream.ends_with(done);
        for (const client_translator* each : {&messages_translator(), &responses_translator()}) {
            const events_made made = events_of(*each, "{}", stream);
            EXPECT_EQ(made.failure.empty(), is_whole) << made.failure;
            if (!is_whole) continue;
            const auto all = events_in(made.out);
            if (each == &messages_translator()) {
                check_message(all);
            } else {
                check_response(all);
            }
            ++seen;
        }
    }
    EXPECT_GE(seen, 12);
}

} // namespace
} // namespace sluice::providers::client_dialect_test
