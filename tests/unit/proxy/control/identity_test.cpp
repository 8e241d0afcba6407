#include "core/base/sha256.hpp"
#include "proxy/control/identity.hpp"
#include "tests/unit/proxy/control/store_support.hpp"

#include <algorithm>
#include <optional>

namespace sluice::control::identity_test {
namespace {

std::string key_of(std::string_view token) {
    return std::string(as_text(token_digest(token)));
}

class identity_api : public testing::Test {
protected:
    // Starts the gateway's identity again, from what is stored.
    result<void> start(std::string_view admin_token = "") {
        it_.reset();
        db_.reset();
        auto db = store::open(temporary_.file("data"));
        if (!db) return fail(db.error());
        db_ = std::move(*db);
        auto opened = identity::open(*db_, clock_, secret_string(admin_token));
        if (!opened) return fail(opened.error());
        it_ = std::move(*opened);
        return {};
    }

    // The token with this text as a snapshot would find it after a restart.
    std::optional<model::token> find(std::string_view text) {
        const auto all = it_->all();
        EXPECT_TRUE(succeeds(all));
        for (const auto& [key, token] : all->tokens) {
            // A token works as long as its owner is one of the snapshot's principals.
            const bool works = std::ranges::any_of(all->principals,
                                                   [&](const auto& each) { return each->id == token.owner; });
            if (key == key_of(text) && works) return token;
        }
        return std::nullopt;
    }

    // A user, as the principal of its token.
    model::principal add_user(std::string_view name, std::string_view more = "") {
        const auto made =
            it_->create_user(model::principal_kind::user,
                             body(R"({"userName":")" + std::string(name) + "\"" + std::string(more) + "}"),
                             admin());
        EXPECT_TRUE(succeeds(made));
        const auto token = it_->create_token_for({{"user_name", std::string(name)}}, admin());
        EXPECT_TRUE(succeeds(token));
        return owner_of(token->changes.tokens.at(0).second);
    }

    model::principal owner_of(const model::token& token) {
        const auto found = it_->principal(token.owner);
        EXPECT_TRUE(succeeds(found));
        return **found;
    }

    const model::principal& admin() { return *it_->admin(); }

    static std::string value_of(const identity_answer& answer) {
        return std::string(answer.body.at("token_value").as_string());
    }
    static std::string id_of(const identity_answer& answer) {
        return std::string(answer.body.at("token_info").at("token_id").as_string());
    }

    temporary_directory temporary_;
    still_clock clock_;
    std::unique_ptr<store> db_;
    std::unique_ptr<identity> it_;
};

TEST_F(identity_api, the_first_start_makes_an_admin_token_and_shows_it_once) {
    ASSERT_TRUE(succeeds(start()));
    const secret_string text = it_->take_new_admin_token();
    EXPECT_EQ(text.reveal().substr(0, 4), "dapi");
    EXPECT_EQ(text.reveal().size(), 68U);
    EXPECT_TRUE(it_->take_new_admin_token().empty());
    const auto token = find(text.reveal());
    ASSERT_TRUE(token);
    EXPECT_EQ(owner_of(*token).user_name, "admin");
    EXPECT_TRUE(owner_of(*token).is_admin);
    EXPECT_TRUE(owner_of(*token).may_create);
    EXPECT_EQ(token->expires_ms, -1);

    ASSERT_TRUE(succeeds(start()));
    EXPECT_TRUE(it_->take_new_admin_token().empty());
    EXPECT_TRUE(find(text.reveal()));
}

TEST_F(identity_api, a_given_admin_token_replaces_the_one_of_the_last_start) {
    ASSERT_TRUE(succeeds(start()));
    const std::string made(it_->take_new_admin_token().reveal());
    ASSERT_TRUE(succeeds(start("first-token")));
    EXPECT_TRUE(it_->take_new_admin_token().empty());
    EXPECT_TRUE(find("first-token"));
    EXPECT_FALSE(find(made));
    ASSERT_TRUE(succeeds(start("second-token")));
    EXPECT_TRUE(find("second-token"));
    EXPECT_FALSE(find("first-token"));
    ASSERT_TRUE(succeeds(start("second-token")));
    ASSERT_TRUE(succeeds(start("")));
    EXPECT_TRUE(find("second-token"));
    EXPECT_EQ(it_->all()->tokens.size(), 1U);
}

TEST_F(identity_api, an_admin_token_that_cannot_be_sent_is_refused_and_not_shown) {
    for (const char* text : {"two words", "caf\xc3\xa9-token", "line\nend"}) {
        const auto started = start(text);
        ASSERT_TRUE(fails_with(started, errc::invalid_parameter_value));
        EXPECT_EQ(started.error().message.find(text), std::string::npos);
    }
}

TEST_F(identity_api, an_admin_token_that_a_user_has_already_is_refused) {
    ASSERT_TRUE(succeeds(start("admin-token")));
    const auto made = it_->create_token({}, admin());
    EXPECT_TRUE(fails_with(start(value_of(*made)), errc::invalid_parameter_value));
}

TEST_F(identity_api, no_file_holds_the_text_of_a_token) {
    ASSERT_TRUE(succeeds(start("admin-token-in-clear")));
    const auto made = it_->create_token({}, admin());
    it_.reset();
    db_.reset();
    for (const auto& file : std::filesystem::directory_iterator(temporary_.file("data"))) {
        const std::string bytes = read_all(file.path().string());
        EXPECT_EQ(bytes.find("admin-token-in-clear"), std::string::npos) << file.path();
        EXPECT_EQ(bytes.find(value_of(*made)), std::string::npos) << file.path();
    }
}

TEST_F(identity_api, a_token_is_answered_once_and_goes_into_the_snapshot) {
    ASSERT_TRUE(succeeds(start("t")));
    const auto made = it_->create_token(body(R"({"comment":"laptop","lifetime_seconds":3600})"), admin());
    ASSERT_TRUE(succeeds(made));
    const auto& info = made->body.at("token_info");
    EXPECT_EQ(text_of(info),
              R"({"token_id":")" + id_of(*made) +
                  R"(","creation_time":1700000000000,"expiry_time":1700003600000,"comment":"laptop"})");
    ASSERT_EQ(made->changes.tokens.size(), 1U);
    EXPECT_EQ(made->changes.tokens[0].first, key_of(value_of(*made)));
    EXPECT_EQ(made->changes.tokens[0].second.id, id_of(*made));
    EXPECT_EQ(made->changes.tokens[0].second.expires_ms, 1'700'003'600'000);
    ASSERT_TRUE(succeeds(start("t")));
    EXPECT_TRUE(find(value_of(*made)));
    EXPECT_EQ(text_of(it_->list_tokens(admin())->body).find(value_of(*made)), std::string::npos);
}

TEST_F(identity_api, a_token_without_lifetime_never_expires) {
    ASSERT_TRUE(succeeds(start("t")));
    const auto made = it_->create_token(body(R"({"comment":null,"lifetime_seconds":null})"), admin());
    EXPECT_EQ(text_of(made->body.at("token_info").at("expiry_time")), "-1");
    EXPECT_EQ(made->changes.tokens[0].second.expires_ms, -1);
}

TEST_F(identity_api, bad_lifetimes_and_comments_are_refused) {
    ASSERT_TRUE(succeeds(start("t")));
    for (const char* text : {R"({"lifetime_seconds":0})",
                             R"({"lifetime_seconds":-1})",
                             R"({"lifetime_seconds":"soon"})",
                             R"({"lifetime_seconds":9223372036854775807})",
                             R"({"comment":5})"}) {
        EXPECT_TRUE(fails_with(it_->create_token(body(text), admin()), errc::invalid_parameter_value))
            << text;
    }
    EXPECT_TRUE(fails_with(it_->create_token({{"comment", std::string(1001, 'x')}}, admin()),
                           errc::invalid_parameter_value));
    EXPECT_TRUE(succeeds(it_->create_token(body(R"({"lifetime_seconds":"60"})"), admin())));
}

TEST_F(identity_api, an_expired_token_is_dropped) {
    ASSERT_TRUE(succeeds(start("t")));
    const auto made = it_->create_token(body(R"({"lifetime_seconds":60})"), admin());
    clock_.wall_now += 59'999;
    EXPECT_TRUE(find(value_of(*made)));
    clock_.wall_now += 1;
    const auto listed = it_->list_tokens(admin());
    EXPECT_EQ(listed->body.at("token_infos").as_array().size(), 1U);
    EXPECT_EQ(listed->changes.tokens_removed, std::vector<std::string>{key_of(value_of(*made))});
    EXPECT_TRUE(it_->list_tokens(admin())->changes.empty());
    EXPECT_FALSE(find(value_of(*made)));
    EXPECT_TRUE(
        fails_with(it_->delete_token({{"token_id", id_of(*made)}}, admin()), errc::resource_does_not_exist));
}

TEST_F(identity_api, an_expired_token_does_not_come_back_at_the_next_start) {
    ASSERT_TRUE(succeeds(start("t")));
    const auto made = it_->create_token(body(R"({"lifetime_seconds":60})"), admin());
    clock_.wall_now += 60'000;
    ASSERT_TRUE(succeeds(start("t")));
    EXPECT_FALSE(find(value_of(*made)));
    EXPECT_EQ(db_->tokens()->size(), 1U);
}

TEST_F(identity_api, a_deleted_token_leaves_the_snapshot) {
    ASSERT_TRUE(succeeds(start("t")));
    const auto made = it_->create_token({}, admin());
    const auto gone = it_->delete_token({{"token_id", id_of(*made)}}, admin());
    ASSERT_TRUE(succeeds(gone));
    EXPECT_EQ(text_of(gone->body), "{}");
    EXPECT_EQ(gone->changes.tokens_removed, std::vector<std::string>{key_of(value_of(*made))});
    EXPECT_FALSE(find(value_of(*made)));
    EXPECT_TRUE(
        fails_with(it_->delete_token({{"token_id", id_of(*made)}}, admin()), errc::resource_does_not_exist));
    EXPECT_TRUE(fails_with(it_->delete_token({}, admin()), errc::invalid_parameter_value));
}

TEST_F(identity_api, the_admin_token_cannot_be_deleted) {
    ASSERT_TRUE(succeeds(start("t")));
    const auto listed = it_->list_tokens(admin());
    const auto id = listed->body.at("token_infos").at(0).at("token_id");
    EXPECT_TRUE(fails_with(it_->delete_token({{"token_id", id}}, admin()), errc::invalid_parameter_value));
    EXPECT_TRUE(find("t"));
}

TEST_F(identity_api, users_see_and_delete_their_own_tokens_only) {
    ASSERT_TRUE(succeeds(start("t")));
    const auto alice = add_user("alice");
    const auto bob = add_user("bob");
    const auto made = it_->create_token(body(R"({"comment":"mine"})"), alice);
    ASSERT_TRUE(succeeds(made));
    EXPECT_EQ(it_->list_tokens(alice)->body.at("token_infos").as_array().size(), 2U);
    EXPECT_EQ(it_->list_tokens(bob)->body.at("token_infos").as_array().size(), 1U);
    EXPECT_TRUE(fails_with(it_->delete_token({{"token_id", id_of(*made)}}, bob), errc::permission_denied));
    EXPECT_TRUE(find(value_of(*made)));
    EXPECT_TRUE(succeeds(it_->delete_token({{"token_id", id_of(*made)}}, alice)));
}

TEST_F(identity_api, admins_delete_tokens_of_others) {
    ASSERT_TRUE(succeeds(start("t")));
    const auto made = it_->create_token({}, add_user("alice"));
    EXPECT_TRUE(succeeds(it_->delete_token({{"token_id", id_of(*made)}}, admin())));
    EXPECT_FALSE(find(value_of(*made)));
}

TEST_F(identity_api, a_user_is_answered_as_a_scim_object) {
    ASSERT_TRUE(succeeds(start("t")));
    const auto made = it_->create_user(model::principal_kind::user,
                                       body(R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName":"alice@example.com","displayName":"Alice","entitlements":[{"value":"workspace-access"}],
        "groups":[{"value":"1"}],"active":true,"externalId":"x"})"),
                                       admin());
    ASSERT_TRUE(succeeds(made));
    EXPECT_EQ(made->changes.principals.size(), 1U);
    EXPECT_TRUE(made->changes.tokens.empty());
    EXPECT_EQ(
        text_of(made->body),
        R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"1002","userName":"alice@example.com",)"
        R"("displayName":"Alice","active":true,)"
        R"("emails":[{"value":"alice@example.com","primary":true,"type":"work"}],)"
        R"("externalId":"x","entitlements":[{"value":"workspace-access"}],)"
        R"("groups":[{"display":"admins","value":"1","type":"direct","$ref":"Groups/1"}]})");
}

TEST_F(identity_api, me_is_the_caller) {
    ASSERT_TRUE(succeeds(start("t")));
    const auto me = it_->me({}, admin());
    EXPECT_EQ(text_of(me->body.at("userName")), R"("admin")");
    EXPECT_EQ(text_of(me->body.at("groups")),
              R"([{"display":"admins","value":"1","type":"direct","$ref":"Groups/1"}])");
    EXPECT_EQ(text_of(me->body.at("id")), R"("1001")");
    const auto alice = add_user("alice", R"(,"emails":[{"value":"a@b.c"}])");
    EXPECT_EQ(text_of(it_->me({}, alice)->body.at("emails")),
              R"([{"value":"a@b.c","primary":true,"type":"work"}])");
    EXPECT_EQ(text_of(it_->me({}, alice)->body.at("displayName")), R"("alice")");
}

TEST_F(identity_api, rights_follow_groups_and_entitlements) {
    ASSERT_TRUE(succeeds(start("t")));
    const auto plain = add_user("plain");
    EXPECT_FALSE(plain.is_admin);
    EXPECT_FALSE(plain.may_create);
    const auto maker = add_user("maker", R"(,"entitlements":[{"value":"workspace-access"}])");
    EXPECT_FALSE(maker.is_admin);
    EXPECT_TRUE(maker.may_create);
    const auto chief = add_user("chief", R"(,"groups":[{"display":"admins"}])");
    EXPECT_TRUE(chief.is_admin);
    EXPECT_TRUE(chief.may_create);
    ASSERT_TRUE(succeeds(start("t")));
    const auto all = it_->all();
    EXPECT_EQ(std::count_if(all->principals.begin(),
                            all->principals.end(),
                            [](const auto& entry) { return entry->is_admin; }),
              2);
    EXPECT_EQ(std::count_if(all->principals.begin(),
                            all->principals.end(),
                            [](const auto& entry) { return entry->may_create; }),
              3);
}

TEST_F(identity_api, a_users_tokens_share_one_principal) {
    ASSERT_TRUE(succeeds(start("t")));
    add_user("alice");
    const auto a = it_->create_token_for(body(R"({"user_name":"alice"})"), admin());
    const auto b = it_->create_token_for(body(R"({"user_name":"ALICE"})"), admin());
    EXPECT_EQ(it_->principal(a->changes.tokens[0].second.owner)->get(),
              it_->principal(b->changes.tokens[0].second.owner)->get());
}

TEST_F(identity_api, a_taken_user_name_is_a_conflict_without_regard_to_case) {
    ASSERT_TRUE(succeeds(start("t")));
    add_user("alice");
    EXPECT_TRUE(
        fails_with(it_->create_user(model::principal_kind::user, body(R"({"userName":"Alice"})"), admin()),
                   errc::resource_already_exists));
    EXPECT_TRUE(
        fails_with(it_->create_user(model::principal_kind::user, body(R"({"userName":"admin"})"), admin()),
                   errc::resource_already_exists));
}

TEST_F(identity_api, malformed_users_are_refused) {
    ASSERT_TRUE(succeeds(start("t")));
    for (const char* text : {R"({})",
                             R"({"userName":""})",
                             R"({"userName":" a"})",
                             R"({"userName":"a\nb"})",
                             R"({"userName":7})",
                             R"({"userName":"a","groups":[{"display":"nobody"}]})",
                             R"({"userName":"a","groups":[{"display":"users","value":"1"}]})",
                             R"({"userName":"a","groups":[{}]})",
                             R"({"userName":"a","groups":"admins"})",
                             R"({"userName":"a","entitlements":["workspace-access"]})",
                             R"({"userName":"a","emails":[{"type":"work"}]})",
                             R"({"userName":"a","active":"maybe"})"}) {
        EXPECT_TRUE(fails_with(it_->create_user(model::principal_kind::user, body(text), admin()),
                               errc::invalid_parameter_value))
            << text;
    }
    EXPECT_EQ(db_->users()->size(), 1U);
}

TEST_F(identity_api, only_admins_make_users_and_tokens_for_others) {
    ASSERT_TRUE(succeeds(start("t")));
    const auto maker = add_user("maker", R"(,"entitlements":[{"value":"workspace-access"}])");
    EXPECT_TRUE(fails_with(it_->create_user(model::principal_kind::user, body(R"({"userName":"x"})"), maker),
                           errc::permission_denied));
    EXPECT_TRUE(
        fails_with(it_->create_token_for(body(R"({"user_name":"admin"})"), maker), errc::permission_denied));
}

TEST_F(identity_api, a_token_on_behalf_of_a_user_belongs_to_that_user) {
    ASSERT_TRUE(succeeds(start("t")));
    add_user("alice");
    const auto made =
        it_->create_token_for(body(R"({"user_name":"alice","comment":"ci","lifetime_seconds":60})"), admin());
    ASSERT_TRUE(succeeds(made));
    EXPECT_EQ(owner_of(made->changes.tokens[0].second).user_name, "alice");
    const auto& info = made->body.at("token_info");
    EXPECT_EQ(text_of(info.at("created_by_username")), R"("admin")");
    EXPECT_EQ(text_of(info.at("owner_id")), "1002");
    EXPECT_EQ(text_of(info.at("comment")), R"("ci")");
    EXPECT_TRUE(succeeds(it_->create_token_for(body(R"({"application_id":"alice"})"), admin())));
}

TEST_F(identity_api, a_token_on_behalf_needs_one_owner_who_exists) {
    ASSERT_TRUE(succeeds(start("t")));
    EXPECT_TRUE(fails_with(it_->create_token_for({}, admin()), errc::invalid_parameter_value));
    EXPECT_TRUE(
        fails_with(it_->create_token_for(body(R"({"user_name":"admin","application_id":"admin"})"), admin()),
                   errc::invalid_parameter_value));
    EXPECT_TRUE(fails_with(it_->create_token_for(body(R"({"user_name":"nobody"})"), admin()),
                           errc::resource_does_not_exist));
}

TEST_F(identity_api, an_inactive_user_has_no_working_token) {
    ASSERT_TRUE(succeeds(start("t")));
    ASSERT_TRUE(succeeds(it_->create_user(
        model::principal_kind::user, body(R"({"userName":"gone","active":false})"), admin())));
    EXPECT_TRUE(fails_with(it_->create_token_for(body(R"({"user_name":"gone"})"), admin()),
                           errc::invalid_parameter_value));
    const auto user = db_->find_user("gone");
    ASSERT_TRUE(succeeds(db_->add_token({"id", (*user)->id, key_of("x"), "", 0, -1, "admin", false})));
    EXPECT_FALSE(find("x"));
}

} // namespace
} // namespace sluice::control::identity_test
