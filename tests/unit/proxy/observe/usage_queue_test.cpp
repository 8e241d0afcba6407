#include "proxy/observe/usage_queue.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace sluice::observe::usage_queue_test {
namespace {

usage_row row_of(std::string_view request_id, std::string_view context = "") {
    usage_row row;
    row.request_id = request_id;
    row.requester = "alice@example.com";
    row.endpoint_name = "chat";
    row.usage_context = context;
    row.values.status_code = 200;
    row.values.output_tokens = 7;
    return row;
}

std::vector<std::string> take_all(usage_queue& queue) {
    std::vector<std::string> ids;
    usage_queue::cursor all = queue.read();
    usage_row row;
    while (all.next(row))
        ids.emplace_back(row.request_id);
    queue.release(all);
    return ids;
}

TEST(usage_queue, a_row_comes_out_as_it_went_in) {
    usage_queue queue;
    usage_row in = row_of("r-1", R"({"team":"a"})");
    in.client_request_id = "mine";
    in.principal_id = "1001";
    in.endpoint_id = "e";
    in.served_entity_id = "s";
    in.values.request_time = 5;
    in.values.first_byte_ms = 3;
    in.values.streaming = true;
    ASSERT_TRUE(queue.push(in));
    usage_queue::cursor all = queue.read();
    usage_row out;
    ASSERT_TRUE(all.next(out));
    EXPECT_EQ(out.request_id, "r-1");
    EXPECT_EQ(out.client_request_id, "mine");
    EXPECT_EQ(out.requester, "alice@example.com");
    EXPECT_EQ(out.principal_id, "1001");
    EXPECT_EQ(out.endpoint_id, "e");
    EXPECT_EQ(out.endpoint_name, "chat");
    EXPECT_EQ(out.served_entity_id, "s");
    EXPECT_EQ(out.usage_context, R"({"team":"a"})");
    EXPECT_EQ(out.values.request_time, 5);
    EXPECT_EQ(out.values.first_byte_ms, 3);
    EXPECT_EQ(out.values.input_tokens, -1);
    EXPECT_EQ(out.values.output_tokens, 7);
    EXPECT_EQ(out.values.status_code, 200);
    EXPECT_TRUE(out.values.streaming);
    EXPECT_FALSE(all.next(out));
}

TEST(usage_queue, rows_stay_until_they_are_released) {
    usage_queue queue;
    ASSERT_TRUE(queue.push(row_of("r-1")));
    usage_row row;
    for (int attempt = 0; attempt < 2; ++attempt) {
        usage_queue::cursor all = queue.read();
        ASSERT_TRUE(all.next(row));
        EXPECT_EQ(row.request_id, "r-1");
    }
    EXPECT_EQ(take_all(queue), (std::vector<std::string>{"r-1"}));
    EXPECT_TRUE(take_all(queue).empty());
}

TEST(usage_queue, a_full_queue_refuses_a_row_and_keeps_what_it_has) {
    usage_queue queue(2048);
    std::vector<std::string> kept;
    for (std::string id = "r"; queue.push(row_of(id)); id += 'r')
        kept.push_back(id);
    ASSERT_GT(kept.size(), 2U);
    EXPECT_FALSE(queue.push(row_of("one more")));
    EXPECT_EQ(take_all(queue), kept);
    EXPECT_TRUE(queue.push(row_of("one more")));
}

TEST(usage_queue, a_row_that_could_never_fit_is_refused) {
    usage_queue queue(2048);
    const std::string large(4096, 'x');
    EXPECT_FALSE(queue.push(row_of("r", large)));
    EXPECT_TRUE(queue.push(row_of("r")));
}

TEST(usage_queue, rows_of_every_length_pass_the_end_of_the_ring_whole) {
    usage_queue queue(4096);
    for (std::size_t length = 0; length < 1500; ++length) {
        const std::string context(length, static_cast<char>('a' + length % 26));
        ASSERT_TRUE(queue.push(row_of("r", context)));
        usage_queue::cursor all = queue.read();
        usage_row row;
        ASSERT_TRUE(all.next(row));
        EXPECT_EQ(row.usage_context, context);
        EXPECT_FALSE(all.next(row));
        queue.release(all);
    }
}

TEST(usage_queue, two_threads_lose_nothing_and_keep_the_order) {
    constexpr int rows = 20'000;
    usage_queue queue(8192);
    std::thread producer([&queue] {
        for (int i = 0; i < rows; ++i) {
            const std::string id = std::to_string(i);
            while (!queue.push(row_of(id)))
                std::this_thread::yield();
        }
    });
    int next = 0;
    bool in_order = true;
    while (next < rows) {
        for (const std::string& id : take_all(queue))
            in_order = in_order && id == std::to_string(next++);
        std::this_thread::yield();
    }
    producer.join();
    EXPECT_TRUE(in_order);
}

} // namespace
} // namespace sluice::observe::usage_queue_test
