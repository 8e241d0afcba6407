// What the tests of the stateful half of control share: a directory of their own, a clock that stands still,
// short bodies.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "proxy/model/identity.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <string_view>

namespace sluice::control {

// Removed with everything in it.
class temporary_directory {
public:
    temporary_directory() {
        std::random_device random;
        path_ = std::filesystem::temp_directory_path() /
                ("sluice-test-" + std::to_string(random()) + "-" + std::to_string(random()));
        std::filesystem::create_directory(path_);
    }
    temporary_directory(const temporary_directory&) = delete;
    temporary_directory& operator=(const temporary_directory&) = delete;
    ~temporary_directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] std::string file(std::string_view name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

// While it lives no file of the process can grow beyond this: the nearest to a full disk that a test can
// make.
class file_size_limit {
public:
    explicit file_size_limit(rlim_t most)
        : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        EXPECT_EQ(getrlimit(RLIMIT_FSIZE, &old_), 0);
        const rlimit next{most, old_.rlim_max};
        EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &next), 0);
    }
    file_size_limit(const file_size_limit&) = delete;
    file_size_limit& operator=(const file_size_limit&) = delete;
    ~file_size_limit() {
        EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &old_), 0);
        (void)std::signal(SIGXFSZ, handler_);
    }

private:
    void (*handler_)(int);
    rlimit old_{};
};

class still_clock final : public clock {
public:
    [[nodiscard]] steady_time now() const noexcept override { return {}; }
    [[nodiscard]] wall_ms wall() const noexcept override { return wall_now; }

    wall_ms wall_now = 1'700'000'000'000;
};

inline boost::json::object body(std::string_view text) {
    return boost::json::parse(boost::json::string_view(text.data(), text.size())).as_object();
}

inline std::string text_of(const boost::json::value& value) {
    return boost::json::serialize(value);
}

inline std::string read_all(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline void write_all(const std::string& file, std::string_view text) {
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << text;
}

inline model::principal
caller(std::string id, const std::string& name, bool is_admin = false, bool may_create = false) {
    return {std::move(id), name, name, is_admin, is_admin || may_create};
}

// EXPECT_CODE(call, errc::x): the call fails with this code.
template <class T>
testing::AssertionResult fails_with(const result<T>& outcome, errc code) {
    if (outcome) return testing::AssertionFailure() << "it succeeded";
    if (outcome.error().code == code) return testing::AssertionSuccess();
    return testing::AssertionFailure()
           << "code " << static_cast<int>(outcome.error().code) << ": " << outcome.error().message;
}

template <class T>
testing::AssertionResult succeeds(const result<T>& outcome) {
    if (outcome) return testing::AssertionSuccess();
    return testing::AssertionFailure() << outcome.error().message;
}

} // namespace sluice::control
