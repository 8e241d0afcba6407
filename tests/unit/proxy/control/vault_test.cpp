#include "core/base/base64.hpp"
#include "proxy/control/vault.hpp"
#include "tests/unit/proxy/control/store_support.hpp"

#include <sys/stat.h>

namespace sluice::control::vault_test {
namespace {

const secret_string no_key;

secret_string some_key(char fill) {
    return secret_string(base64_encode(std::string(32, fill)));
}

struct opened {
    std::unique_ptr<store> db;
    result<std::unique_ptr<vault>> keys = nullptr;
};

opened start(const std::string& dir, const secret_string& key) {
    opened out;
    auto db = store::open(dir);
    EXPECT_TRUE(succeeds(db));
    out.db = std::move(*db);
    out.keys = vault::load(*out.db, key);
    return out;
}

// A secret in the database, so that it holds something sealed.
void put_something(opened& in) {
    const auto scope = in.db->add_scope({0, "s", "admin", "DATABRICKS"});
    const auto sealed = (*in.keys)->seal("value", "secret/s/k");
    ASSERT_TRUE(succeeds(sealed));
    ASSERT_TRUE(succeeds(in.db->put_secret(*scope, "k", *sealed, 1)));
}

TEST(vault, what_is_sealed_opens_again) {
    const temporary_directory temporary;
    const auto it = start(temporary.file("data"), some_key('a'));
    ASSERT_TRUE(succeeds(it.keys));
    for (const std::string& plain :
         {std::string("sk-value"), std::string(), std::string("\0\r\n\xff", 4), std::string(131072, 'x')}) {
        const auto sealed = (*it.keys)->seal(plain, "here");
        ASSERT_TRUE(succeeds(sealed));
        const auto back = (*it.keys)->open(*sealed, "here");
        ASSERT_TRUE(succeeds(back));
        EXPECT_EQ(back->reveal(), plain);
    }
}

TEST(vault, a_sealed_text_neither_shows_nor_repeats_what_it_holds) {
    const temporary_directory temporary;
    const auto it = start(temporary.file("data"), some_key('a'));
    const auto first = (*it.keys)->seal("sk-very-secret", "here");
    const auto second = (*it.keys)->seal("sk-very-secret", "here");
    EXPECT_EQ(first->find("secret"), std::string::npos);
    EXPECT_NE(*first, *second);
}

TEST(vault, a_sealed_text_does_not_open_at_another_place) {
    const temporary_directory temporary;
    const auto it = start(temporary.file("data"), some_key('a'));
    const auto sealed = (*it.keys)->seal("value", "secret/a/k");
    EXPECT_TRUE(fails_with((*it.keys)->open(*sealed, "secret/b/k"), errc::internal_error));
    EXPECT_TRUE(fails_with((*it.keys)->open(*sealed, ""), errc::internal_error));
}

TEST(vault, a_sealed_text_with_any_byte_changed_or_missing_does_not_open) {
    const temporary_directory temporary;
    const auto it = start(temporary.file("data"), some_key('a'));
    const auto sealed = (*it.keys)->seal("value", "here");
    for (std::size_t i = 0; i < sealed->size(); ++i) {
        std::string changed = *sealed;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_FALSE((*it.keys)->open(changed, "here")) << i;
        EXPECT_FALSE((*it.keys)->open(std::string_view(*sealed).substr(0, i), "here")) << i;
    }
}

TEST(vault, an_error_does_not_hold_the_value) {
    const temporary_directory temporary;
    const auto it = start(temporary.file("data"), some_key('a'));
    const auto sealed = (*it.keys)->seal("sk-very-secret", "here");
    EXPECT_EQ((*it.keys)->open(*sealed, "there").error().message.find("secret/"), std::string::npos);
}

TEST(vault, the_key_is_kept_in_a_private_file_that_later_starts_read) {
    const temporary_directory temporary;
    std::string sealed;
    {
        auto it = start(temporary.file("data"), no_key);
        ASSERT_TRUE(succeeds(it.keys));
        put_something(it);
        sealed = *(*it.keys)->seal("value", "here");
    }
    struct stat found{};
    ASSERT_EQ(::stat(temporary.file("data/master.key").c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777U, 0600U);
    const auto it = start(temporary.file("data"), no_key);
    ASSERT_TRUE(succeeds(it.keys));
    EXPECT_EQ((*it.keys)->open(sealed, "here")->reveal(), "value");
}

TEST(vault, a_key_file_that_others_may_read_is_refused) {
    const temporary_directory temporary;
    start(temporary.file("data"), no_key);
    for (const mode_t mode : {0640U, 0604U, 0620U}) {
        ASSERT_EQ(::chmod(temporary.file("data/master.key").c_str(), mode), 0);
        const auto it = start(temporary.file("data"), no_key);
        ASSERT_TRUE(fails_with(it.keys, errc::internal_error));
        EXPECT_NE(it.keys.error().message.find("chmod 600"), std::string::npos);
    }
    ASSERT_EQ(::chmod(temporary.file("data/master.key").c_str(), 0400), 0);
    EXPECT_TRUE(succeeds(start(temporary.file("data"), no_key).keys));
}

TEST(vault, a_wrong_key_is_refused_when_the_database_holds_secrets) {
    const temporary_directory temporary;
    auto it = start(temporary.file("data"), some_key('a'));
    put_something(it);
    it.keys = nullptr;
    it.db.reset();
    const auto wrong = start(temporary.file("data"), some_key('b'));
    ASSERT_TRUE(fails_with(wrong.keys, errc::internal_error));
    EXPECT_NE(wrong.keys.error().message.find("wrong master key"), std::string::npos);
}

TEST(vault, the_key_may_be_another_one_as_long_as_nothing_is_sealed) {
    const temporary_directory temporary;
    start(temporary.file("data"), no_key);
    {
        auto it = start(temporary.file("data"), some_key('b'));
        ASSERT_TRUE(succeeds(it.keys));
        put_something(it);
    }
    EXPECT_FALSE(start(temporary.file("data"), no_key).keys);
    EXPECT_TRUE(succeeds(start(temporary.file("data"), some_key('b')).keys));
}

TEST(vault, a_lost_key_file_is_not_replaced_when_the_database_holds_secrets) {
    const temporary_directory temporary;
    {
        auto it = start(temporary.file("data"), no_key);
        put_something(it);
    }
    std::filesystem::remove(temporary.file("data/master.key"));
    const auto it = start(temporary.file("data"), no_key);
    ASSERT_TRUE(fails_with(it.keys, errc::internal_error));
    EXPECT_NE(it.keys.error().message.find("is missing"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(temporary.file("data/master.key")));
}

TEST(vault, a_malformed_key_is_refused_and_not_shown) {
    const temporary_directory temporary;
    for (const std::string& key : {base64_encode(std::string(31, 'k')),
                                   base64_encode(std::string(33, 'k')),
                                   std::string("not base64 at all"),
                                   base64_encode(std::string(32, 'k')) + "\n"}) {
        const auto it = start(temporary.file("data"), secret_string(key));
        ASSERT_TRUE(fails_with(it.keys, errc::invalid_parameter_value));
        EXPECT_EQ(it.keys.error().message.find(key), std::string::npos);
        EXPECT_NE(it.keys.error().message.find("SLUICE_MASTER_KEY"), std::string::npos);
    }
}

TEST(vault, a_damaged_key_file_is_refused) {
    const temporary_directory temporary;
    start(temporary.file("data"), no_key);
    write_all(temporary.file("data/master.key"), "abc\n");
    EXPECT_TRUE(fails_with(start(temporary.file("data"), no_key).keys, errc::invalid_parameter_value));
}

TEST(vault, fingerprints_tell_texts_apart_and_depend_on_the_key) {
    const temporary_directory temporary;
    const auto it = start(temporary.file("a"), some_key('a'));
    const auto other = start(temporary.file("b"), some_key('b'));
    EXPECT_EQ((*it.keys)->fingerprint("x"), (*it.keys)->fingerprint("x"));
    EXPECT_NE((*it.keys)->fingerprint("x"), (*it.keys)->fingerprint("y"));
    EXPECT_NE((*it.keys)->fingerprint("x"), (*other.keys)->fingerprint("x"));
    EXPECT_EQ((*it.keys)->fingerprint("x").size(), 64U);
}

TEST(random_hex, two_are_not_equal_and_have_the_size_asked_for) {
    EXPECT_EQ(random_hex(16)->size(), 32U);
    EXPECT_NE(*random_hex(16), *random_hex(16));
}

} // namespace
} // namespace sluice::control::vault_test
