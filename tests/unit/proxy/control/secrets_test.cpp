#include "core/base/base64.hpp"
#include "proxy/control/secrets.hpp"
#include "proxy/control/secrets_names.hpp"
#include "tests/unit/proxy/control/store_support.hpp"

#include <filesystem>

namespace sluice::control::secrets_test {
namespace {

result<void> no_note(const std::string&, const std::string&, bool) {
    return {};
}

using changes = std::vector<std::string>;

class secrets_api : public testing::Test {
protected:
    secrets_api() { start(); }

    void start() {
        api_.reset();
        keys_.reset();
        db_.reset();
        auto db = store::open(temporary_.file("data"));
        ASSERT_TRUE(succeeds(db));
        db_ = std::move(*db);
        auto keys = vault::load(*db_, secret_string(base64_encode(std::string(32, 'k'))));
        ASSERT_TRUE(succeeds(keys));
        keys_ = std::move(*keys);
        api_ = std::make_unique<secrets>(*db_, *keys_, clock_);
        api_->on_changed([this](std::string_view scope, std::string_view key) {
            changed_.push_back(std::string(scope) + "/" + std::string(key));
        });
    }

    void add_user(std::string_view name) {
        stored_user user;
        user.user_name = name;
        ASSERT_TRUE(succeeds(db_->add_user(user)));
    }

    // A scope of the admin with one secret k = "value".
    void make_scope() {
        ASSERT_TRUE(succeeds(api_->create_scope(body(R"({"scope":"My.Scope"})"), admin_)));
        ASSERT_TRUE(
            succeeds(api_->put(body(R"({"scope":"My.Scope","key":"k","string_value":"value"})"), admin_)));
        changed_.clear();
    }

    result<boost::json::value> grant(std::string_view principal, std::string_view permission) {
        auto request = body(R"({"scope":"my.scope"})");
        request["principal"] = std::string(principal);
        request["permission"] = std::string(permission);
        return api_->put_acl(request, admin_);
    }

    temporary_directory temporary_;
    still_clock clock_;
    std::unique_ptr<store> db_;
    std::unique_ptr<vault> keys_;
    std::unique_ptr<secrets> api_;
    changes changed_;
    const model::principal admin_ = caller("1001", "admin", true);
    const model::principal alice_ = caller("1002", "alice@example.com", false, true);
    const model::principal bob_ = caller("1003", "bob@example.com");
};

TEST_F(secrets_api, a_scope_is_created_and_listed_with_its_name_as_typed) {
    const auto made =
        api_->create_scope(body(R"({"scope":"My.Scope","scope_backend_type":"DATABRICKS","x":1})"), admin_);
    ASSERT_TRUE(succeeds(made));
    EXPECT_EQ(text_of(*made), "{}");
    EXPECT_EQ(text_of(*api_->list_scopes(admin_)),
              R"({"scopes":[{"name":"My.Scope","backend_type":"DATABRICKS"}]})");
}

TEST_F(secrets_api, without_scopes_the_list_is_empty) {
    EXPECT_EQ(text_of(*api_->list_scopes(admin_)), R"({"scopes":[]})");
}

TEST_F(secrets_api, an_existing_scope_is_refused_without_regard_to_case) {
    make_scope();
    EXPECT_TRUE(
        fails_with(api_->create_scope(body(R"({"scope":"MY.SCOPE"})"), admin_), errc::secret_already_exists));
}

TEST_F(secrets_api, scope_names_follow_the_grammar) {
    for (const std::string& name : {std::string(),
                                    std::string("a b"),
                                    std::string("a/b"),
                                    std::string(129, 'a'),
                                    std::string("\xc3\xa9"),
                                    std::string("a\n")}) {
        EXPECT_TRUE(fails_with(api_->create_scope({{"scope", name}}, admin_), errc::invalid_parameter_value))
            << name;
    }
    EXPECT_TRUE(fails_with(api_->create_scope({}, admin_), errc::invalid_parameter_value));
    EXPECT_TRUE(
        fails_with(api_->create_scope(body(R"({"scope":5})"), admin_), errc::invalid_parameter_value));
    EXPECT_TRUE(succeeds(api_->create_scope({{"scope", std::string(128, 'a')}}, admin_)));
    EXPECT_TRUE(succeeds(api_->create_scope({{"scope", "aZ09-_@."}}, admin_)));
}

TEST_F(secrets_api, azure_key_vault_is_not_implemented) {
    EXPECT_TRUE(fails_with(api_->create_scope(body(R"({"scope":"s","scope_backend_type":"AZURE_KEYVAULT",
        "backend_azure_keyvault":{"resource_id":"r","dns_name":"d"}})"),
                                              admin_),
                           errc::not_implemented));
    EXPECT_TRUE(fails_with(api_->create_scope(body(R"({"scope":"s","scope_backend_type":"azure"})"), admin_),
                           errc::invalid_parameter_value));
}

TEST_F(secrets_api, there_are_at_most_a_thousand_scopes) {
    auto work = db_->begin();
    for (int i = 0; i < 1000; ++i) {
        ASSERT_TRUE(succeeds(api_->create_scope({{"scope", "s" + std::to_string(i)}}, admin_)));
    }
    ASSERT_TRUE(succeeds(work->commit()));
    EXPECT_TRUE(
        fails_with(api_->create_scope(body(R"({"scope":"more"})"), admin_), errc::secret_limit_exceeded));
}

TEST_F(secrets_api, a_scope_has_at_most_a_thousand_secrets_and_those_can_be_overwritten) {
    make_scope();
    auto work = db_->begin();
    for (int i = 1; i < 1000; ++i) {
        const boost::json::object request{
            {"scope", "My.Scope"}, {"key", "k" + std::to_string(i)}, {"string_value", "v"}};
        ASSERT_TRUE(succeeds(api_->put(request, admin_)));
    }
    ASSERT_TRUE(succeeds(work->commit()));
    EXPECT_TRUE(fails_with(api_->put(body(R"({"scope":"My.Scope","key":"more","string_value":"v"})"), admin_),
                           errc::secret_limit_exceeded));
    EXPECT_TRUE(succeeds(api_->put(body(R"({"scope":"My.Scope","key":"k","string_value":"v"})"), admin_)));
}

TEST_F(secrets_api, a_secret_is_listed_without_and_got_with_its_value) {
    make_scope();
    EXPECT_EQ(text_of(*api_->list(body(R"({"scope":"my.scope"})"), admin_)),
              R"({"secrets":[{"key":"k","last_updated_timestamp":1700000000000}]})");
    EXPECT_EQ(text_of(*api_->get(body(R"({"scope":"my.scope","key":"k"})"), admin_)),
              R"({"key":"k","value":"dmFsdWU="})");
}

TEST_F(secrets_api, bytes_are_stored_decoded) {
    make_scope();
    ASSERT_TRUE(
        succeeds(api_->put(body(R"({"scope":"My.Scope","key":"b","bytes_value":"AP8NCg=="})"), admin_)));
    EXPECT_EQ(api_->resolve("my.scope", "b")->reveal(), std::string_view("\0\xff\r\n", 4));
    EXPECT_EQ(text_of(*api_->get(body(R"({"scope":"My.Scope","key":"b"})"), admin_)),
              R"({"key":"b","value":"AP8NCg=="})");
}

TEST_F(secrets_api, exactly_one_value_must_be_given_and_be_well_formed) {
    make_scope();
    const auto put = [this](std::string_view rest) {
        return api_->put(body(R"({"scope":"My.Scope","key":"n")" + std::string(rest) + "}"), admin_);
    };
    EXPECT_TRUE(fails_with(put(""), errc::bad_request));
    EXPECT_TRUE(fails_with(put(R"(,"string_value":"a","bytes_value":"YQ==")"), errc::bad_request));
    EXPECT_TRUE(fails_with(put(R"(,"bytes_value":"sk-!!")"), errc::bad_request));
    EXPECT_TRUE(fails_with(put(R"(,"string_value":5)"), errc::invalid_parameter_value));
    EXPECT_EQ(put(R"(,"bytes_value":"sk-!!")").error().message.find("sk-"), std::string::npos);
    EXPECT_TRUE(succeeds(put(R"(,"string_value":"a","bytes_value":null)")));
    EXPECT_TRUE(succeeds(put(R"(,"string_value":"")")));
}

TEST_F(secrets_api, a_value_has_at_most_128_kilobytes) {
    make_scope();
    boost::json::object request{
        {"scope", "My.Scope"}, {"key", "n"}, {"string_value", std::string(131072, 'x')}};
    EXPECT_TRUE(succeeds(api_->put(request, admin_)));
    request["string_value"] = std::string(131073, 'x');
    EXPECT_TRUE(fails_with(api_->put(request, admin_), errc::invalid_parameter_value));
    request.erase("string_value");
    request["bytes_value"] = base64_encode(std::string(131073, 'x'));
    EXPECT_TRUE(fails_with(api_->put(request, admin_), errc::invalid_parameter_value));
}

TEST_F(secrets_api, keys_follow_the_grammar) {
    make_scope();
    for (const std::string& key :
         {std::string(), std::string("a b"), std::string("a@b"), std::string("a/b"), std::string(129, 'a')}) {
        const boost::json::object request{{"scope", "My.Scope"}, {"key", key}, {"string_value", "v"}};
        EXPECT_TRUE(fails_with(api_->put(request, admin_), errc::invalid_parameter_value)) << key;
    }
}

TEST_F(secrets_api, unknown_scopes_and_keys_are_named_in_the_error) {
    make_scope();
    const auto no_scope = api_->resolve("other", "k");
    ASSERT_TRUE(fails_with(no_scope, errc::resource_does_not_exist));
    EXPECT_NE(no_scope.error().message.find("'other'"), std::string::npos);
    const auto no_key = api_->resolve("my.scope", "missing");
    ASSERT_TRUE(fails_with(no_key, errc::resource_does_not_exist));
    EXPECT_NE(no_key.error().message.find("'missing'"), std::string::npos);
    EXPECT_NE(no_key.error().message.find("'My.Scope'"), std::string::npos);
    const auto unknown = errc::resource_does_not_exist;
    EXPECT_TRUE(
        fails_with(api_->put(body(R"({"scope":"o","key":"k","string_value":"v"})"), admin_), unknown));
    EXPECT_TRUE(fails_with(api_->remove(body(R"({"scope":"My.Scope","key":"o"})"), admin_), unknown));
    EXPECT_TRUE(fails_with(api_->delete_scope(body(R"({"scope":"o"})"), admin_), unknown));
    EXPECT_TRUE(fails_with(api_->list(body(R"({"scope":"o"})"), admin_), unknown));
    EXPECT_TRUE(fails_with(api_->get(body(R"({"scope":"My.Scope","key":"o"})"), admin_), unknown));
    EXPECT_TRUE(fails_with(api_->list_acls(body(R"({"scope":"o"})"), admin_), unknown));
    EXPECT_TRUE(
        fails_with(api_->get_acl(body(R"({"scope":"My.Scope","principal":"users"})"), admin_), unknown));
    EXPECT_TRUE(
        fails_with(api_->delete_acl(body(R"({"scope":"My.Scope","principal":"users"})"), admin_), unknown));
}

TEST_F(secrets_api, every_write_and_delete_of_a_secret_is_told) {
    make_scope();
    ASSERT_TRUE(succeeds(api_->put(body(R"({"scope":"MY.SCOPE","key":"k","string_value":"new"})"), admin_)));
    EXPECT_EQ(changed_, changes{"My.Scope/k"});
    EXPECT_EQ(api_->resolve("My.Scope", "k")->reveal(), "new");
    ASSERT_TRUE(succeeds(api_->put(body(R"({"scope":"my.scope","key":"a","string_value":"v"})"), admin_)));
    changed_.clear();
    ASSERT_TRUE(succeeds(api_->remove(body(R"({"scope":"my.scope","key":"a"})"), admin_)));
    EXPECT_EQ(changed_, changes{"My.Scope/a"});
    changed_.clear();
    ASSERT_TRUE(succeeds(api_->delete_scope(body(R"({"scope":"my.scope"})"), admin_)));
    EXPECT_EQ(changed_, changes{"My.Scope/k"});
    changed_.clear();
    EXPECT_FALSE(api_->delete_scope(body(R"({"scope":"my.scope"})"), admin_));
    EXPECT_TRUE(changed_.empty());
}

TEST_F(secrets_api, secrets_survive_a_restart_encrypted) {
    make_scope();
    ASSERT_TRUE(succeeds(api_->put(
        body(R"({"scope":"My.Scope","key":"long","string_value":"sk-plain-text-0123456789"})"), admin_)));
    start();
    EXPECT_EQ(api_->resolve("my.scope", "long")->reveal(), "sk-plain-text-0123456789");
    api_.reset();
    keys_.reset();
    db_.reset();
    for (const auto& file : std::filesystem::directory_iterator(temporary_.file("data"))) {
        EXPECT_EQ(read_all(file.path().string()).find("sk-plain-text"), std::string::npos) << file.path();
    }
}

TEST_F(secrets_api, a_blob_that_was_moved_to_another_key_does_not_open) {
    make_scope();
    const auto scope = db_->find_scope("my.scope");
    ASSERT_TRUE(scope);
    const std::int64_t id = scope->value_or(stored_scope()).id;
    const auto sealed = db_->sealed_secret(id, "k");
    ASSERT_TRUE(sealed);
    ASSERT_TRUE(succeeds(db_->put_secret(id, "other", sealed->value_or(""), 1)));
    EXPECT_TRUE(fails_with(api_->resolve("my.scope", "other"), errc::invalid_parameter_value));
    EXPECT_TRUE(succeeds(api_->resolve("my.scope", "k")));
}

TEST_F(secrets_api, only_who_may_create_makes_scopes_and_then_manages_them) {
    EXPECT_TRUE(fails_with(api_->create_scope(body(R"({"scope":"s"})"), bob_), errc::permission_denied));
    ASSERT_TRUE(succeeds(api_->create_scope(body(R"({"scope":"s"})"), alice_)));
    EXPECT_EQ(text_of(*api_->list_acls(body(R"({"scope":"s"})"), alice_)),
              R"({"items":[{"principal":"alice@example.com","permission":"MANAGE"}]})");
    EXPECT_TRUE(succeeds(api_->put(body(R"({"scope":"s","key":"k","string_value":"v"})"), alice_)));
    EXPECT_TRUE(succeeds(api_->delete_scope(body(R"({"scope":"s"})"), alice_)));
}

TEST_F(secrets_api, a_stranger_can_do_nothing_with_a_scope) {
    make_scope();
    const auto denied = errc::permission_denied;
    EXPECT_EQ(text_of(*api_->list_scopes(alice_)), R"({"scopes":[]})");
    EXPECT_FALSE(*api_->may_read(alice_, "my.scope"));
    EXPECT_TRUE(fails_with(api_->delete_scope(body(R"({"scope":"my.scope"})"), alice_), denied));
    EXPECT_TRUE(
        fails_with(api_->put(body(R"({"scope":"my.scope","key":"k","string_value":"v"})"), alice_), denied));
    EXPECT_TRUE(fails_with(api_->remove(body(R"({"scope":"my.scope","key":"k"})"), alice_), denied));
    EXPECT_TRUE(fails_with(api_->list(body(R"({"scope":"my.scope"})"), alice_), denied));
    EXPECT_TRUE(fails_with(api_->get(body(R"({"scope":"my.scope","key":"k"})"), alice_), denied));
    EXPECT_TRUE(fails_with(
        api_->put_acl(body(R"({"scope":"my.scope","principal":"users","permission":"READ"})"), alice_),
        denied));
    EXPECT_TRUE(
        fails_with(api_->delete_acl(body(R"({"scope":"my.scope","principal":"admin"})"), alice_), denied));
    EXPECT_TRUE(
        fails_with(api_->get_acl(body(R"({"scope":"my.scope","principal":"admin"})"), alice_), denied));
    EXPECT_TRUE(fails_with(api_->list_acls(body(R"({"scope":"my.scope"})"), alice_), denied));
}

TEST_F(secrets_api, each_permission_gives_what_it_says) {
    make_scope();
    add_user("bob@example.com");
    const auto get = [this] { return api_->get(body(R"({"scope":"my.scope","key":"k"})"), bob_); };
    const auto put = [this] {
        return api_->put(body(R"({"scope":"my.scope","key":"k","string_value":"v"})"), bob_);
    };
    const auto acls = [this] { return api_->list_acls(body(R"({"scope":"my.scope"})"), bob_); };
    ASSERT_TRUE(succeeds(grant("bob@example.com", "READ")));
    EXPECT_TRUE(*api_->may_read(bob_, "MY.SCOPE"));
    EXPECT_TRUE(succeeds(get()));
    EXPECT_TRUE(fails_with(put(), errc::permission_denied));
    ASSERT_TRUE(succeeds(grant("bob@example.com", "WRITE")));
    EXPECT_TRUE(succeeds(get()));
    EXPECT_TRUE(succeeds(put()));
    EXPECT_TRUE(fails_with(acls(), errc::permission_denied));
    ASSERT_TRUE(succeeds(grant("bob@example.com", "MANAGE")));
    EXPECT_TRUE(succeeds(acls()));
    ASSERT_TRUE(
        succeeds(api_->delete_acl(body(R"({"scope":"my.scope","principal":"bob@example.com"})"), admin_)));
    EXPECT_TRUE(fails_with(get(), errc::permission_denied));
}

TEST_F(secrets_api, a_right_of_the_group_users_is_everybodys_and_one_of_admins_is_not) {
    make_scope();
    ASSERT_TRUE(succeeds(grant("admins", "READ")));
    EXPECT_FALSE(*api_->may_read(bob_, "my.scope"));
    ASSERT_TRUE(succeeds(grant("users", "READ")));
    EXPECT_TRUE(*api_->may_read(bob_, "my.scope"));
    EXPECT_EQ(text_of(*api_->list_scopes(bob_)),
              R"({"scopes":[{"name":"My.Scope","backend_type":"DATABRICKS"}]})");
    EXPECT_FALSE(*api_->may_read(bob_, "no such scope"));
}

TEST_F(secrets_api, initial_manage_principal_users_lets_everybody_manage) {
    ASSERT_TRUE(
        succeeds(api_->create_scope(body(R"({"scope":"s","initial_manage_principal":"users"})"), alice_)));
    EXPECT_TRUE(succeeds(api_->put(body(R"({"scope":"s","key":"k","string_value":"v"})"), bob_)));
    EXPECT_TRUE(
        fails_with(api_->create_scope(body(R"({"scope":"t","initial_manage_principal":"bob"})"), alice_),
                   errc::invalid_parameter_value));
}

TEST_F(secrets_api, an_acl_names_a_user_or_a_group_that_exists_and_a_known_permission) {
    make_scope();
    add_user("bob@example.com");
    EXPECT_TRUE(fails_with(grant("carol", "READ"), errc::invalid_parameter_value));
    EXPECT_TRUE(fails_with(grant("bob@example.com", "read"), errc::invalid_parameter_value));
    EXPECT_TRUE(fails_with(grant("bob@example.com", ""), errc::invalid_parameter_value));
    ASSERT_TRUE(succeeds(grant("BOB@example.com", "READ")));
    EXPECT_EQ(text_of(*api_->get_acl(body(R"({"scope":"my.scope","principal":"bob@example.com"})"), admin_)),
              R"({"principal":"bob@example.com","permission":"READ"})");
    ASSERT_TRUE(succeeds(grant("bob@example.com", "WRITE")));
    EXPECT_EQ(
        text_of(*api_->list_acls(body(R"({"scope":"my.scope"})"), admin_)),
        R"({"items":[{"principal":"admin","permission":"MANAGE"},{"principal":"bob@example.com","permission":"WRITE"}]})");
}

TEST_F(secrets_api, the_config_file_makes_scopes_and_secrets) {
    const std::vector<proxy::secret_entry> file{{"a", "k", secret_string("1")},
                                                {"A", "l", secret_string("2")}};
    ASSERT_TRUE(succeeds(api_->apply_config(file, admin_, no_note)));
    EXPECT_EQ(api_->resolve("a", "k")->reveal(), "1");
    EXPECT_EQ(api_->resolve("a", "l")->reveal(), "2");
    EXPECT_EQ((changes{"a/k", "a/l"}), changed_);
}

TEST_F(secrets_api, an_entry_of_the_file_that_did_not_change_leaves_what_rest_has_set) {
    const std::vector<proxy::secret_entry> file{{"a", "k", secret_string("1")}};
    ASSERT_TRUE(succeeds(api_->apply_config(file, admin_, no_note)));
    ASSERT_TRUE(succeeds(api_->put(body(R"({"scope":"a","key":"k","string_value":"rest"})"), admin_)));
    start();
    ASSERT_TRUE(succeeds(api_->apply_config(file, admin_, no_note)));
    EXPECT_EQ(api_->resolve("a", "k")->reveal(), "rest");
    const std::vector<proxy::secret_entry> changed{{"a", "k", secret_string("2")}};
    ASSERT_TRUE(succeeds(api_->apply_config(changed, admin_, no_note)));
    EXPECT_EQ(api_->resolve("a", "k")->reveal(), "2");
}

TEST_F(secrets_api, an_entry_that_left_the_file_stays_and_counts_as_new_when_it_comes_back) {
    const std::vector<proxy::secret_entry> file{{"a", "k", secret_string("1")}};
    ASSERT_TRUE(succeeds(api_->apply_config(file, admin_, no_note)));
    ASSERT_TRUE(succeeds(api_->apply_config({}, admin_, no_note)));
    EXPECT_EQ(api_->resolve("a", "k")->reveal(), "1");
    ASSERT_TRUE(succeeds(api_->put(body(R"({"scope":"a","key":"k","string_value":"rest"})"), admin_)));
    ASSERT_TRUE(succeeds(api_->apply_config(file, admin_, no_note)));
    EXPECT_EQ(api_->resolve("a", "k")->reveal(), "1");
}

TEST_F(secrets_api, a_bad_entry_of_the_file_is_named_without_its_value) {
    const auto applied = api_->apply_config({{"a b", "k", secret_string("sk-value")}}, admin_, no_note);
    ASSERT_TRUE(fails_with(applied, errc::invalid_parameter_value));
    EXPECT_NE(applied.error().message.find("a b/k"), std::string::npos);
    EXPECT_EQ(applied.error().message.find("sk-value"), std::string::npos);
    EXPECT_TRUE(
        fails_with(api_->apply_config({{"a", "k", secret_string(std::string(131073, 'x'))}}, admin_, no_note),
                   errc::invalid_parameter_value));
    EXPECT_EQ(text_of(*api_->list_scopes(admin_)), R"({"scopes":[]})");
}

TEST(same_text, names_are_compared_without_regard_to_ascii_case) {
    EXPECT_TRUE(same_text("My.Scope", "mY.sCOPE"));
    EXPECT_FALSE(same_text("a", "ab"));
    EXPECT_FALSE(same_text("a@", "a`"));
}

} // namespace
} // namespace sluice::control::secrets_test
