#include "core/base/base64.hpp"
#include "proxy/control/endpoint_document.hpp"
#include "tests/unit/proxy/control/store_support.hpp"

#include <utility>

namespace sluice::control::endpoint_document_test {
namespace {

class endpoint_document : public testing::Test {
protected:
    void SetUp() override {
        auto opened = store::open(directory_.file("data"));
        ASSERT_TRUE(succeeds(opened));
        db_ = std::move(*opened);
        auto loaded = vault::load(*db_, secret_string(base64_encode(std::string(32, 'k'))));
        ASSERT_TRUE(succeeds(loaded));
        keys_ = std::move(*loaded);
    }

    // The record as it comes back from the store.
    endpoint_record stored(const endpoint_record& record) const {
        const result<stored_endpoint> row = to_row(record, *keys_);
        EXPECT_TRUE(succeeds(row));
        result<endpoint_record> back = from_row(*row, *keys_);
        EXPECT_TRUE(succeeds(back));
        return std::move(*back);
    }

    [[nodiscard]] result<endpoint_record> load(const std::string& document) const {
        return from_row({"id", "chat", document}, *keys_);
    }

    temporary_directory directory_;
    std::unique_ptr<store> db_;
    std::unique_ptr<vault> keys_;
};

endpoint_record small() {
    endpoint_record out;
    out.id = "id";
    out.name = "chat";
    out.creator = "alice@example.com";
    return out;
}

const std::string oldest = R"({"format":1,"creator":"alice@example.com","created":1,"updated":2,)"
                           R"("description":"","tags":[],"limits":[{"key":"user","calls":5}],)"
                           R"("update":"not_updating"})";

TEST_F(endpoint_document, keeps_the_id_of_an_entity_and_makes_a_fixed_one_where_there_is_none) {
    endpoint_record record = small();
    entity_spec entity;
    entity.id = std::string(32, 'a');
    entity.name = "one";
    entity.provider = "openai";
    entity.model = "gpt-4";
    record.active = endpoint_config{{entity}, {{"one", 100}}, 1, {}, "alice", 5};
    EXPECT_EQ(stored(record).active->entities.front().id, entity.id);
    EXPECT_EQ(stored(record).active->author, "alice");
    EXPECT_EQ(stored(record).active->created_ms, 5);
    record.active->entities.front().id.clear();
    const std::string made = stored(record).active->entities.front().id;
    EXPECT_EQ(made.size(), 32U);
    EXPECT_EQ(stored(record).active->entities.front().id, made);
}

TEST_F(endpoint_document, keeps_limits_of_every_kind_of_key) {
    endpoint_record record = small();
    record.limits = {{model::limit_key::endpoint, 1, "", ""},
                     {model::limit_key::user, 2, "", ""},
                     {model::limit_key::user, 3, "1001", "alice@example.com"},
                     {model::limit_key::user_group, 4, "7", "team"},
                     {model::limit_key::service_principal, 0, "9", "app-id"}};
    EXPECT_EQ(stored(record).limits, record.limits);
}

TEST_F(endpoint_document, keeps_every_part_of_ai_gateway) {
    endpoint_record record = small();
    record.gateway.usage_tracking = true;
    record.gateway.inference_table = body(R"({"enabled":false,"catalog_name":"main"})");
    record.gateway.guardrails = body(R"({"input":{"safety":false}})");
    record.gateway.fallback = false;
    EXPECT_EQ(stored(record).gateway, record.gateway);
    EXPECT_EQ(stored(small()).gateway, ai_gateway_config{});
}

TEST_F(endpoint_document, keeps_grants_and_who_made_the_endpoint) {
    endpoint_record record = small();
    record.acl = {{"1001", model::permission::can_manage},
                  {"7", model::permission::can_query},
                  {"8", model::permission::can_view}};
    record.creator_display_name = "Alice";
    record.creator_kind = model::principal_kind::service_principal;
    record.route_optimized = true;
    const endpoint_record back = stored(record);
    EXPECT_EQ(back.acl, record.acl);
    EXPECT_TRUE(back.has_acl);
    EXPECT_EQ(back.creator_display_name, "Alice");
    EXPECT_EQ(back.creator_kind, model::principal_kind::service_principal);
    EXPECT_TRUE(back.route_optimized);
}

TEST_F(endpoint_document, keeps_the_auto_capture_of_a_config) {
    endpoint_record record = small();
    record.active.emplace();
    record.active->auto_capture = body(R"({"enabled":false,"catalog_name":"main"})");
    EXPECT_EQ(stored(record).active->auto_capture, record.active->auto_capture);
}

TEST_F(endpoint_document, of_a_version_without_grants_says_so_also_when_it_is_stored_again) {
    const auto old = load(oldest);
    ASSERT_TRUE(succeeds(old));
    EXPECT_FALSE(old->has_acl);
    EXPECT_EQ(old->limits, (std::vector<model::rate_limit>{{model::limit_key::user, 5, "", ""}}));
    EXPECT_FALSE(stored(*old).has_acl);
    EXPECT_FALSE(old->creator_kind);
}

TEST_F(endpoint_document, with_an_unknown_word_is_damaged_rather_than_read_as_another) {
    for (const auto& [from, to] : {std::pair("\"user\"", "\"everybody\""),
                                   std::pair("not_updating", "sleeping"),
                                   std::pair("\"format\":1", "\"format\":2")}) {
        std::string document = oldest;
        document.replace(document.find(from), std::string_view(from).size(), to);
        EXPECT_TRUE(fails_with(load(document), errc::internal_error)) << to;
    }
}

} // namespace
} // namespace sluice::control::endpoint_document_test
