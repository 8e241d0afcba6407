#include "core/db/database.hpp"
#include "proxy/observe/usage_context.hpp"
#include "proxy/observe/usage_store.hpp"
#include "tests/unit/proxy/control/store_support.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::observe::usage_store_test {
namespace {

class usage_store_test : public testing::Test {
protected:
    void open(std::uint64_t keep_rows = 1'000'000) {
        store_ = std::make_unique<usage_store>(directory_.file(""), keep_rows);
        store_->add(queue_);
        store_->add(other_);
        const auto opened = store_->open();
        ASSERT_TRUE(opened) << opened.error().message;
    }
    void restart(std::uint64_t keep_rows = 1'000'000) {
        store_->stop();
        open(keep_rows);
    }
    [[nodiscard]] std::string file() const { return directory_.file("usage.db"); }

    static usage_row row_of(std::string_view request_id, wall_ms when) {
        usage_row row;
        row.request_id = request_id;
        row.requester = "alice@example.com";
        row.principal_id = "1001";
        row.endpoint_id = "endpoint-1";
        row.endpoint_name = "chat";
        row.values.request_time = when;
        row.values.status_code = 200;
        return row;
    }
    void push(const std::string& request_id, wall_ms when = 0) {
        ASSERT_TRUE(queue_.push(row_of(request_id, when)));
    }

    std::vector<std::string> ids(const model::usage_filter& wanted = {}) {
        const auto page = store_->requests(wanted);
        EXPECT_TRUE(page) << page.error().message;
        std::vector<std::string> out;
        for (const model::usage_record& row : page->rows)
            out.push_back(row.request_id);
        return out;
    }

    control::temporary_directory directory_;
    usage_queue queue_;
    usage_queue other_;
    std::unique_ptr<usage_store> store_; // after the queues
};

using texts = std::vector<std::string>;

TEST_F(usage_store_test, what_was_pushed_is_seen_by_the_next_query) {
    open();
    push("a", 1);
    ASSERT_TRUE(other_.push(row_of("b", 2)));
    EXPECT_EQ(ids(), (texts{"b", "a"}));
    push("c", 3);
    EXPECT_EQ(ids(), (texts{"c", "b", "a"}));
}

TEST_F(usage_store_test, unknown_numbers_and_absent_texts_stay_unknown) {
    open();
    push("a");
    const auto page = store_->requests({});
    ASSERT_TRUE(page);
    const model::usage_record& row = page->rows.at(0);
    EXPECT_EQ(row.client_request_id, "");
    EXPECT_EQ(row.served_entity_id, "");
    EXPECT_EQ(row.usage_context, "");
    EXPECT_FALSE(row.first_byte_ms || row.input_tokens || row.output_tokens || row.cached_tokens ||
                 row.reasoning_tokens || row.input_characters);
}

TEST_F(usage_store_test, rows_that_nobody_asked_for_are_written_at_the_stop) {
    open();
    constexpr int rows = 5000;
    for (int i = 0; i < rows; ++i)
        push(std::to_string(i), i);
    restart();
    model::usage_filter all;
    all.most = 10'000;
    EXPECT_EQ(ids(all).size(), static_cast<std::size_t>(rows));
}

TEST_F(usage_store_test, rows_survive_a_restart_and_new_ones_follow) {
    open();
    push("a", 1);
    restart();
    push("b", 2);
    EXPECT_EQ(ids(), (texts{"b", "a"}));
}

TEST_F(usage_store_test, only_the_owner_may_read_the_file) {
    open();
    push("a");
    ASSERT_EQ(ids().size(), 1U);
    for (const char* end : {"", "-wal", "-shm"}) {
        struct stat seen{};
        ASSERT_EQ(::stat((file() + end).c_str(), &seen), 0) << end;
        EXPECT_EQ(seen.st_mode & 0777U, 0600U) << end;
    }
}

TEST_F(usage_store_test, the_oldest_rows_beyond_the_bound_go) {
    open(2000);
    for (int i = 0; i < 3500; ++i)
        push(std::to_string(i), i);
    model::usage_filter all;
    all.most = 10'000;
    all.ascending = true;
    (void)ids(all);
    push("newest", 4000);
    const texts left = ids(all);
    EXPECT_EQ(left.size(), 2000U);
    EXPECT_EQ(left.front(), "1501");
    EXPECT_EQ(left.back(), "newest");
}

TEST_F(usage_store_test, a_bound_that_was_lowered_counts_after_a_restart) {
    open();
    for (int i = 0; i < 3000; ++i)
        push(std::to_string(i), i);
    restart(1000);
    model::usage_filter all;
    all.most = 10'000;
    // Each flush is a batch, and each batch drops a thousand at least.
    (void)ids(all);
    (void)ids(all);
    EXPECT_EQ(ids(all).size(), 1000U);
}

TEST_F(usage_store_test, a_disk_that_refuses_for_a_while_loses_nothing) {
    open();
    push("a", 1);
    ASSERT_EQ(ids().size(), 1U);
    auto blocker = db::database::open(file(), db::care::process);
    ASSERT_TRUE(blocker);
    ASSERT_TRUE((*blocker)->run("ALTER TABLE endpoint_usage RENAME TO elsewhere"));
    push("b", 2);
    EXPECT_FALSE(store_->requests({})) << "the table is not there";
    ASSERT_TRUE((*blocker)->run("ALTER TABLE elsewhere RENAME TO endpoint_usage"));
    EXPECT_EQ(ids(), (texts{"b", "a"}));
}

TEST_F(usage_store_test, a_file_of_a_newer_program_is_refused) {
    open();
    store_->stop();
    {
        auto direct = db::database::open(file());
        ASSERT_TRUE(direct);
        ASSERT_TRUE((*direct)->run("INSERT INTO schema_version (version) VALUES (99)"));
    }
    usage_store again(directory_.file(""), 1000);
    const auto opened = again.open();
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().message.find("newer program"), std::string::npos) << opened.error().message;
}

// "alice 3/1 10+20"
std::vector<std::string> sums(usage_store& of, const model::usage_summary_query& wanted) {
    const auto summary = of.summary(wanted);
    EXPECT_TRUE(summary) << summary.error().message;
    std::vector<std::string> out;
    for (const model::usage_sum& row : summary->rows) {
        std::string text = row.key;
        text.append(" ").append(std::to_string(row.requests)).append("/").append(std::to_string(row.errors));
        text.append(" ").append(std::to_string(row.input_tokens)).append("+");
        out.push_back(text.append(std::to_string(row.output_tokens)));
    }
    return out;
}

TEST_F(usage_store_test, a_summary_has_a_row_for_each_requester_the_busiest_first) {
    open();
    usage_row row = row_of("a", 10);
    row.values.input_tokens = 5;
    row.values.output_tokens = 7;
    ASSERT_TRUE(queue_.push(row));
    row.requester = "bob@example.com";
    row.values.request_time = 20;
    row.values.output_tokens = std::numeric_limits<std::int64_t>::max(); // so the provider says
    ASSERT_TRUE(queue_.push(row));
    row.values.status_code = 429;
    row.values.input_tokens = -1;
    row.values.output_tokens = -1;
    ASSERT_TRUE(queue_.push(row));
    row.principal_id = "1002";
    row.endpoint_id = "endpoint-2";
    row.endpoint_name = "other";
    row.values.request_time = 30;
    ASSERT_TRUE(queue_.push(row));
    model::usage_summary_query by;
    EXPECT_EQ(sums(*store_, by), (texts{"bob@example.com 3/2 5+1000000000", "alice@example.com 1/0 5+7"}));
    by.filter.endpoint_name = "chat";
    EXPECT_EQ(sums(*store_, by), (texts{"bob@example.com 2/1 5+1000000000", "alice@example.com 1/0 5+7"}));
    by.filter = {};
    by.filter.principal_id = "1002";
    EXPECT_EQ(sums(*store_, by), texts{"bob@example.com 1/1 0+0"});
    by.filter = {};
    by.filter.endpoint_id = "endpoint-1";
    by.filter.start = 10;
    by.filter.end = 20;
    EXPECT_EQ(sums(*store_, by), texts{"alice@example.com 1/0 5+7"});
    by.filter.start = 11;
    EXPECT_EQ(sums(*store_, by), texts{});
}

TEST_F(usage_store_test, a_summary_by_entity_has_names_and_one_row_for_each) {
    open();
    std::vector<model::usage_entity> entities(3);
    entities[0].served_entity_id = "id-1";
    entities[0].name = "gpt";
    entities[1] = entities[0];
    entities[1].config_version = 2;
    entities[2] = entities[0];
    entities[2].served_entity_id = "id-2";
    store_->entities_in_force(entities);
    for (const char* id : {"id-1", "id-2", "id-2", "", "id-unknown"}) {
        usage_row row = row_of("a", 10);
        row.served_entity_id = id;
        ASSERT_TRUE(queue_.push(row));
    }
    model::usage_summary_query by;
    by.group = model::usage_group::entity;
    by.filter.start = 1;
    EXPECT_EQ(sums(*store_, by), (texts{"gpt 3/0 0+0", "(none) 1/0 0+0", "id-unknown 1/0 0+0"}));
    by.filter.start.reset();
    EXPECT_EQ(sums(*store_, by).size(), 3U);
}

TEST_F(usage_store_test, a_summary_that_is_too_long_is_cut) {
    open();
    for (int i = 0; i < 5; ++i) {
        usage_row row = row_of("a", 10);
        const std::string name = "user-" + std::to_string(i);
        row.requester = name;
        ASSERT_TRUE(queue_.push(row));
    }
    model::usage_summary_query by;
    by.most = 5;
    EXPECT_FALSE(store_->summary(by)->truncated);
    by.most = 4;
    const auto cut = store_->summary(by);
    ASSERT_TRUE(cut);
    EXPECT_TRUE(cut->truncated);
    EXPECT_EQ(cut->rows.size(), 4U);
}

TEST_F(usage_store_test, filters_choose_rows_and_the_end_of_the_time_is_not_included) {
    open();
    usage_row row = row_of("a", 10);
    row.values.status_code = 429;
    row.requester = "bob@example.com";
    ASSERT_TRUE(queue_.push(row));
    row = row_of("b", 20);
    row.values.streaming = true;
    row.client_request_id = "mine";
    row.served_entity_id = "entity-1";
    ASSERT_TRUE(queue_.push(row));
    row = row_of("c", 30);
    row.endpoint_id = "endpoint-2";
    row.endpoint_name = "other";
    row.principal_id = "1002";
    ASSERT_TRUE(queue_.push(row));

    model::usage_filter by;
    by.status_code = 429;
    EXPECT_EQ(ids(by), texts{"a"});
    by = {};
    by.requester = "bob@example.com";
    EXPECT_EQ(ids(by), texts{"a"});
    by = {};
    by.streaming = true;
    EXPECT_EQ(ids(by), texts{"b"});
    by.streaming = false;
    EXPECT_EQ(ids(by), (texts{"c", "a"}));
    by = {};
    by.client_request_id = "mine";
    EXPECT_EQ(ids(by), texts{"b"});
    by = {};
    by.served_entity_id = "entity-1";
    EXPECT_EQ(ids(by), texts{"b"});
    by = {};
    by.endpoint_id = "endpoint-2";
    EXPECT_EQ(ids(by), texts{"c"});
    by = {};
    by.endpoint_name = "other";
    EXPECT_EQ(ids(by), texts{"c"});
    by = {};
    by.principal_id = "1002";
    EXPECT_EQ(ids(by), texts{"c"});
    by = {};
    by.request_id = "a";
    EXPECT_EQ(ids(by), texts{"a"});
    by = {};
    by.start = 10;
    by.end = 30;
    EXPECT_EQ(ids(by), (texts{"b", "a"}));
    by.endpoint_name = "' OR 1=1 --";
    EXPECT_EQ(ids(by), texts{});
}

TEST_F(usage_store_test, pages_follow_each_other_without_gap_or_overlap_also_within_one_millisecond) {
    open();
    for (int i = 0; i < 25; ++i)
        push(std::to_string(i), i / 10);
    for (const bool ascending : {true, false}) {
        model::usage_filter wanted;
        wanted.most = 7;
        wanted.ascending = ascending;
        texts seen;
        for (bool more = true; more;) {
            const auto page = store_->requests(wanted);
            ASSERT_TRUE(page);
            ASSERT_LE(page->rows.size(), 7U);
            for (const auto& row : page->rows)
                seen.push_back(row.request_id);
            more = page->more;
            wanted.after = model::usage_position{page->rows.back().request_time, page->rows.back().id};
        }
        texts expected;
        for (int i = 0; i < 25; ++i)
            expected.push_back(std::to_string(i));
        if (!ascending) std::ranges::reverse(expected);
        EXPECT_EQ(seen, expected);
    }
}

TEST_F(usage_store_test, an_entity_is_told_once_for_each_config_and_ends_with_its_endpoint) {
    open();
    model::usage_entity one;
    one.served_entity_id = "entity-1";
    one.endpoint_id = "endpoint-1";
    one.endpoint_name = "chat";
    one.config_version = 1;
    one.change_time = 5;
    store_->entities_in_force({one});
    store_->entities_in_force({one});
    one.config_version = 2;
    store_->entities_in_force({one});
    one.endpoint_id = "endpoint-2";
    one.served_entity_id = "entity-2";
    store_->entities_in_force({one});
    store_->endpoint_deleted("endpoint-1", 9);
    const auto page = store_->entities({});
    ASSERT_TRUE(page);
    ASSERT_EQ(page->rows.size(), 3U);
    EXPECT_EQ(page->rows[0].config_version, 1);
    EXPECT_EQ(page->rows[0].endpoint_delete_time, 9);
    EXPECT_EQ(page->rows[1].endpoint_delete_time, 9);
    EXPECT_FALSE(page->rows[2].endpoint_delete_time);

    store_->only_these_are_left({}, {}, 11);
    const auto later = store_->entities({});
    ASSERT_TRUE(later);
    EXPECT_EQ(later->rows[0].endpoint_delete_time, 9) << "the first time stays";
    EXPECT_EQ(later->rows[2].endpoint_delete_time, 11);
}

TEST(usage_context, is_stored_without_blanks_and_with_each_key_once) {
    EXPECT_EQ(compact_context(R"({ "a" : "1" , "b":"x\u0041" ,"a":"2"})"), R"({"a":"2","b":"xA"})");
    EXPECT_EQ(compact_context(R"({"half":"\ud800"})"), "{\"half\":\"\xEF\xBF\xBD\"}");
    EXPECT_EQ(compact_context("{}"), "{}");
    EXPECT_EQ(compact_context(""), "");
    EXPECT_EQ(compact_context("null"), "");
    EXPECT_EQ(compact_context(R"({"a":1})"), "");
}

} // namespace
} // namespace sluice::observe::usage_store_test
