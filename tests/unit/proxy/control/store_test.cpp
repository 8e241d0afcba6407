#include "proxy/control/migrations.hpp"
#include "proxy/control/store.hpp"
#include "tests/unit/proxy/control/store_support.hpp"

#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

namespace sluice::control::store_test {
namespace {

std::unique_ptr<store> open_store(const std::string& dir) {
    auto opened = store::open(dir);
    EXPECT_TRUE(succeeds(opened));
    return opened ? std::move(*opened) : nullptr;
}

mode_t mode_of(const std::string& path) {
    struct stat found{};
    EXPECT_EQ(::stat(path.c_str(), &found), 0) << path;
    return found.st_mode & 0777U;
}

TEST(store, the_directory_and_its_files_belong_to_their_owner_alone) {
    const temporary_directory temporary;
    const std::string dir = temporary.file("a/b");
    const auto db = open_store(dir);
    ASSERT_TRUE(db->put_endpoint({"1", "chat", "{}"}));
    EXPECT_EQ(mode_of(dir), 0700U);
    EXPECT_EQ(mode_of(dir + "/sluice.db"), 0600U);
    EXPECT_EQ(mode_of(dir + "/sluice.db-wal"), 0600U);
    EXPECT_EQ(mode_of(dir + "/sluice.lock"), 0600U);
}

TEST(store, a_database_that_others_can_read_is_made_private) {
    const temporary_directory temporary;
    const std::string dir = temporary.file("data");
    open_store(dir);
    ASSERT_EQ(::chmod((dir + "/sluice.db").c_str(), 0644), 0);
    open_store(dir);
    EXPECT_EQ(mode_of(dir + "/sluice.db"), 0600U);
}

TEST(store, a_second_gateway_on_the_directory_is_refused_until_the_first_is_gone) {
    const temporary_directory temporary;
    const std::string dir = temporary.file("data");
    auto first = open_store(dir);
    const auto second = store::open(dir);
    ASSERT_TRUE(fails_with(second, errc::internal_error));
    EXPECT_NE(second.error().message.find("another gateway already runs"), std::string::npos);
    first.reset();
    EXPECT_TRUE(succeeds(store::open(dir)));
}

TEST(store, a_path_that_is_no_directory_is_refused) {
    const temporary_directory temporary;
    write_all(temporary.file("data"), "x");
    EXPECT_TRUE(fails_with(store::open(temporary.file("data")), errc::internal_error));
    EXPECT_TRUE(fails_with(store::open(temporary.file("data/below")), errc::internal_error));
    EXPECT_TRUE(fails_with(store::open(""), errc::internal_error));
}

TEST(store, a_file_that_is_no_database_is_refused) {
    const temporary_directory temporary;
    write_all(temporary.file("sluice.db"), std::string(4096, 'x'));
    const auto opened = store::open(temporary.file(""));
    ASSERT_TRUE(fails_with(opened, errc::internal_error));
    EXPECT_NE(opened.error().message.find("not a database"), std::string::npos) << opened.error().message;
}

TEST(store, a_database_of_a_newer_program_is_refused) {
    const temporary_directory temporary;
    open_store(temporary.file("data"));
    {
        const auto db = db::database::open(temporary.file("data/sluice.db"));
        ASSERT_TRUE(succeeds(db));
        ASSERT_TRUE(
            succeeds((*db)->change("INSERT INTO schema_version (version) VALUES (?)", std::int64_t{99})));
    }
    const auto opened = store::open(temporary.file("data"));
    ASSERT_TRUE(fails_with(opened, errc::internal_error));
    EXPECT_NE(opened.error().message.find("99"), std::string::npos);
}

TEST(store, the_ids_of_the_workspace_are_made_once) {
    const temporary_directory temporary;
    auto db = open_store(temporary.file("data"));
    const std::string workspace = db->workspace_id();
    const std::string account = db->account_id();
    EXPECT_EQ(workspace.size(), 16U);
    EXPECT_TRUE(std::all_of(workspace.begin(), workspace.end(), [](char c) { return c >= '0' && c <= '9'; }));
    EXPECT_NE(workspace.front(), '0');
    EXPECT_EQ(account.size(), 36U);
    EXPECT_EQ(account[14], '4');
    db.reset();
    db = open_store(temporary.file("data"));
    EXPECT_EQ(db->workspace_id(), workspace);
    EXPECT_EQ(db->account_id(), account);
    EXPECT_NE(open_store(temporary.file("other"))->workspace_id(), workspace);
}

TEST(store, endpoints_survive_a_restart) {
    const temporary_directory temporary;
    auto db = open_store(temporary.file("data"));
    ASSERT_TRUE(succeeds(db->put_endpoint({"id-b", "b", R"({"x":1})"})));
    ASSERT_TRUE(succeeds(db->put_endpoint({"id-a", "a", "{}"})));
    ASSERT_TRUE(succeeds(db->put_endpoint({"id-c", "c", "{}"})));
    ASSERT_TRUE(succeeds(db->put_endpoint({"id-b", "b", R"({"x":2})"})));
    ASSERT_TRUE(succeeds(db->delete_endpoint("id-c")));
    db.reset();
    const auto all = open_store(temporary.file("data"))->endpoints();
    ASSERT_TRUE(succeeds(all));
    const std::vector<stored_endpoint> wanted{{"id-a", "a", "{}"}, {"id-b", "b", R"({"x":2})"}};
    EXPECT_EQ(*all, wanted);
}

TEST(store, two_endpoints_cannot_have_one_name) {
    const temporary_directory temporary;
    const auto db = open_store(temporary.file("data"));
    ASSERT_TRUE(succeeds(db->put_endpoint({"1", "chat", "{}"})));
    EXPECT_TRUE(fails_with(db->put_endpoint({"2", "chat", "{}"}), errc::internal_error));
    EXPECT_EQ(db->endpoints()->size(), 1U);
}

TEST(store, a_transaction_that_is_not_committed_leaves_nothing) {
    const temporary_directory temporary;
    const auto db = open_store(temporary.file("data"));
    {
        const auto work = db->begin();
        ASSERT_TRUE(succeeds(db->put_endpoint({"1", "chat", "{}"})));
        ASSERT_TRUE(succeeds(db->set_config_entry("endpoint", "chat", "x")));
    }
    EXPECT_TRUE(db->endpoints()->empty());
    EXPECT_FALSE(db->config_entry("endpoint", "chat")->has_value());
}

TEST(store, an_inner_transaction_is_undone_alone) {
    const temporary_directory temporary;
    const auto db = open_store(temporary.file("data"));
    auto outer = db->begin();
    ASSERT_TRUE(succeeds(db->put_endpoint({"1", "kept", "{}"})));
    {
        const auto inner = db->begin();
        ASSERT_TRUE(succeeds(db->put_endpoint({"2", "dropped", "{}"})));
    }
    {
        auto inner = db->begin();
        ASSERT_TRUE(succeeds(db->put_endpoint({"3", "kept too", "{}"})));
        ASSERT_TRUE(succeeds(inner->commit()));
    }
    ASSERT_TRUE(succeeds(outer->commit()));
    const auto all = db->endpoints();
    ASSERT_EQ(all->size(), 2U);
    EXPECT_EQ((*all)[0].name, "kept");
    EXPECT_EQ((*all)[1].name, "kept too");
}

TEST(store, a_commit_of_the_inner_transaction_goes_with_the_outer_one) {
    const temporary_directory temporary;
    const auto db = open_store(temporary.file("data"));
    {
        const auto outer = db->begin();
        auto inner = db->begin();
        ASSERT_TRUE(succeeds(db->put_endpoint({"1", "chat", "{}"})));
        ASSERT_TRUE(succeeds(inner->commit()));
    }
    EXPECT_TRUE(db->endpoints()->empty());
}

// Files of this process cannot grow beyond this size while the object lives: the disk is full.
class full_disk {
public:
    explicit full_disk(rlim_t bytes) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        old_handler_ = ::signal(SIGXFSZ, SIG_IGN);
        const rlimit now{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &now);
    }
    full_disk(const full_disk&) = delete;
    full_disk& operator=(const full_disk&) = delete;
    ~full_disk() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        ::signal(SIGXFSZ, old_handler_);
    }

private:
    rlimit before_{};
    void (*old_handler_)(int) = nullptr;
};

TEST(store, a_write_that_the_disk_refuses_is_an_error_and_leaves_nothing) {
    const temporary_directory temporary;
    auto db = open_store(temporary.file("data"));
    ASSERT_TRUE(succeeds(db->put_endpoint({"1", "before", "{}"})));
    const std::string large(std::size_t{3} * 1024 * 1024, 'x');
    {
        const full_disk full(1024 * 1024);
        auto work = db->begin();
        ASSERT_TRUE(succeeds(work));
        const bool first = db->put_endpoint({"2", "small", "{}"}).has_value();
        const bool second = db->put_endpoint({"3", "large", large}).has_value();
        const auto committed = work->commit();
        EXPECT_FALSE(first && second && committed);
        if (!committed) {
            EXPECT_EQ(committed.error().code, errc::internal_error);
            EXPECT_NE(committed.error().message.find("The gateway's database failed"), std::string::npos);
        }
        // Alone, too.
        EXPECT_TRUE(fails_with(db->put_endpoint({"4", "large", large}), errc::internal_error));
    }
    EXPECT_EQ(db->endpoints()->size(), 1U);
    ASSERT_TRUE(succeeds(db->put_endpoint({"5", "later", large})));
    db.reset();
    const auto all = open_store(temporary.file("data"))->endpoints();
    ASSERT_EQ(all->size(), 2U);
    EXPECT_EQ((*all)[0].name, "before");
    EXPECT_EQ((*all)[1].name, "later");
}

TEST(store, a_deleted_scope_takes_its_secrets_and_acls_along) {
    const temporary_directory temporary;
    const auto db = open_store(temporary.file("data"));
    const auto id = db->add_scope({0, "My.Scope", "admin", "DATABRICKS"});
    ASSERT_TRUE(succeeds(id));
    ASSERT_TRUE(succeeds(db->put_secret(*id, "k", "sealed", 5)));
    ASSERT_TRUE(succeeds(db->put_acl(*id, {"users", "READ"})));
    EXPECT_TRUE(*db->has_sealed_data());
    ASSERT_TRUE(succeeds(db->delete_scope(*id)));
    EXPECT_FALSE(*db->has_sealed_data());
    EXPECT_TRUE(db->secrets(*id)->empty());
    EXPECT_TRUE(db->acls(*id)->empty());
}

TEST(store, bytes_of_any_kind_come_back_as_they_were) {
    const temporary_directory temporary;
    const auto db = open_store(temporary.file("data"));
    const auto id = db->add_scope({0, "s", "admin", "DATABRICKS"});
    const std::string bytes("\x01\0\xff\n'\"", 6);
    ASSERT_TRUE(succeeds(db->put_secret(*id, "k", bytes, 5)));
    EXPECT_EQ(*db->sealed_secret(*id, "k"), bytes);
    ASSERT_TRUE(succeeds(db->put_secret(*id, "empty", "", 5)));
    EXPECT_EQ(*db->sealed_secret(*id, "empty"), "");
}

TEST(store, user_ids_are_not_used_twice_and_names_are_found_without_regard_to_case) {
    const temporary_directory temporary;
    const auto db = open_store(temporary.file("data"));
    stored_user alice;
    alice.user_name = "Alice@example.com";
    const auto id = db->add_user(alice);
    ASSERT_TRUE(succeeds(id));
    EXPECT_EQ(*id, 1001);
    EXPECT_EQ((*db->find_user("alice@EXAMPLE.com"))->user_name, "Alice@example.com");
    EXPECT_TRUE(fails_with(db->add_user(alice), errc::internal_error));
    stored_user bob;
    bob.user_name = "bob";
    EXPECT_GT(*db->add_user(bob), *id);
}

TEST(store, entries_that_the_config_file_no_longer_has_are_forgotten) {
    const temporary_directory temporary;
    const auto db = open_store(temporary.file("data"));
    for (const char* name : {"a", "b", "c"}) {
        ASSERT_TRUE(succeeds(db->set_config_entry("endpoint", name, "1")));
    }
    ASSERT_TRUE(succeeds(db->set_config_entry("secret", "a", "2")));
    ASSERT_TRUE(succeeds(db->keep_config_entries("endpoint", {"b", "z"})));
    EXPECT_FALSE(db->config_entry("endpoint", "a")->has_value());
    EXPECT_EQ(*db->config_entry("endpoint", "b"), "1");
    EXPECT_FALSE(db->config_entry("endpoint", "c")->has_value());
    EXPECT_EQ(*db->config_entry("secret", "a"), "2");
    ASSERT_TRUE(succeeds(db->keep_config_entries("endpoint", {})));
    EXPECT_FALSE(db->config_entry("endpoint", "b")->has_value());
}

TEST(store, versions_go_by_number_and_by_size_but_not_the_new_one_nor_the_active_one) {
    const temporary_directory temporary;
    const auto db = open_store(temporary.file("data"));
    ASSERT_TRUE(db->put_endpoint({"1", "chat", "{}"}));
    const auto numbers = [&db] {
        std::string out;
        for (int before = 1000; before > 0;) {
            const auto page = db->versions("1", before, 1000);
            EXPECT_TRUE(succeeds(page));
            for (const stored_version& one : page->versions)
                out.append(std::to_string(one.version)).append(" ");
            before = page->more ? page->versions.back().version : 0;
        }
        return out;
    };
    stored_version one{1, 5, "alice", "active", "", "{}"};
    for (; one.version <= 5; ++one.version) {
        ASSERT_TRUE(db->add_version("1", one, 3));
        one.outcome = "failed";
    }
    EXPECT_EQ(numbers(), "5 4 3 1 ");
    one.document = std::string(std::size_t{15} << 20U, 'x');
    for (; one.version <= 8; ++one.version)
        ASSERT_TRUE(db->add_version("1", one, 100));
    EXPECT_EQ(numbers(), "8 7 1 ");
    one.document.append(one.document).append(one.document);
    ASSERT_TRUE(db->add_version("1", one, 100));
    EXPECT_EQ(numbers(), "9 1 ");
    ASSERT_TRUE(db->set_outcome("1", 9, "canceled", "why"));
    const auto found = db->find_version("1", 9);
    ASSERT_TRUE(succeeds(found));
    EXPECT_EQ(found->value_or(stored_version()).outcome, "canceled");
    EXPECT_EQ(found->value_or(stored_version()).message, "why");
    EXPECT_FALSE(db->add_version("2", one, 100)) << "there is no such endpoint";
    ASSERT_TRUE(db->delete_endpoint("1"));
    EXPECT_EQ(numbers(), "");
}

} // namespace
} // namespace sluice::control::store_test
