#include "core/base/base64.hpp"
#include "proxy/control/signing_key.hpp"
#include "tests/unit/proxy/control/store_support.hpp"

#include <gtest/gtest.h>

namespace sluice::control::signing_key_test {
namespace {

constexpr std::string_view one_master = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
constexpr std::string_view other_master = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWc=";

class signing_key : public testing::Test {
protected:
    // The key as a start with this master key finds it.
    std::string load(std::string_view master = one_master) {
        auto db = store::open(directory_.file("data"));
        EXPECT_TRUE(succeeds(db));
        if (!db) return "(no store)";
        auto keys = vault::load(**db, secret_string(master));
        EXPECT_TRUE(succeeds(keys));
        if (!keys) return "(no vault)";
        const auto key = load_signing_key(**db, **keys);
        EXPECT_TRUE(succeeds(key));
        return key ? std::string(key->reveal()) : "(no key)";
    }

    temporary_directory directory_;
};

TEST_F(signing_key, it_is_made_once_and_stays) {
    const std::string first = load();
    EXPECT_EQ(first.size(), 32U);
    EXPECT_EQ(load(), first);
}

TEST_F(signing_key, it_is_not_on_the_disk_in_the_clear) {
    const std::string key = load();
    const std::string file = read_all(directory_.file("data/sluice.db"));
    EXPECT_EQ(file.find(key), std::string::npos);
    EXPECT_EQ(file.find(base64_encode(key)), std::string::npos);
    EXPECT_NE(file.find("oauth_signing_key"), std::string::npos);
}

TEST_F(signing_key, with_another_master_key_there_is_another_one) {
    const std::string first = load(one_master);
    const std::string second = load(other_master);
    EXPECT_EQ(second.size(), 32U);
    EXPECT_NE(second, first);
    EXPECT_EQ(load(other_master), second);
}

} // namespace
} // namespace sluice::control::signing_key_test
