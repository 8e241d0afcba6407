#include "core/base/log.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace sluice::log::log_test {

namespace {

// What `act` logs at `least` and above.
template <class Act>
std::string logged(level least, Act act) {
    testing::internal::CaptureStderr();
    start(least);
    act();
    stop();
    return testing::internal::GetCapturedStderr();
}

// The one line that was logged, without its time.
std::string without_time(const std::string& line) {
    EXPECT_EQ(line.substr(10, 1), "T") << line;
    const std::size_t z = line.find("Z ");
    return z == std::string::npos ? line : line.substr(z + 2);
}

std::size_t count(std::string_view text, std::string_view part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
        ++found;
    return found;
}

} // namespace

TEST(log, an_event_is_one_line_of_time_level_name_and_pairs) {
    const std::string out = logged(level::info, [] {
        info("request", {{"status", 200}, {"path", "/a/b"}, {"bytes", std::int64_t{-7}}});
    });
    EXPECT_EQ(without_time(out), "info request status=200 path=/a/b bytes=-7\n");
}

TEST(log, values_are_quoted_when_they_could_be_misread) {
    const auto value_of = [](std::string_view text) {
        const std::string line = without_time(logged(level::info, [text] { info("e", {{"k", text}}); }));
        return line.substr(9, line.size() - 10);
    };
    EXPECT_EQ(value_of(""), R"("")");
    EXPECT_EQ(value_of("plain-._~/:?text"), "plain-._~/:?text");
    EXPECT_EQ(value_of("a b"), R"("a b")");
    EXPECT_EQ(value_of("a=b"), R"("a=b")");
    EXPECT_EQ(value_of("a\"b\\c"), R"("a\"b\\c")");
    EXPECT_EQ(value_of("a\r\nlevel=error"), R"("a\r\nlevel=error")");
    EXPECT_EQ(value_of(std::string_view("\0\x1b[2J\x7f", 6)), R"("\u0000\u001b[2J\u007f")");
    EXPECT_EQ(value_of("\xC2\x9B!\xC2\xA0\xC3\xA4"), "\"\\u009b!\xC2\xA0\xC3\xA4\"");
    EXPECT_EQ(value_of("\xFF\xC2"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
    EXPECT_EQ(value_of("{}%v{0}"), "{}%v{0}");
}

TEST(log, lines_below_the_level_are_not_written) {
    const std::string out = logged(level::warn, [] {
        write(level::debug, "one");
        info("two");
        warn("three");
        error("four");
    });
    EXPECT_EQ(count(out, "\n"), 2U);
    EXPECT_NE(out.find("warning three\n"), std::string::npos);
    EXPECT_NE(out.find("error four\n"), std::string::npos);
}

TEST(log, without_start_and_after_stop_lines_go_nowhere) {
    testing::internal::CaptureStderr();
    error("before");
    stop();
    start(level::info);
    stop();
    error("after");
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(log, many_threads_write_whole_lines_and_every_line_is_written_or_counted_as_dropped) {
    constexpr std::size_t threads = 4;
    constexpr std::size_t lines = 5000;
    const std::string out = logged(level::info, [] {
        std::vector<std::jthread> all;
        for (std::size_t t = 0; t < threads; ++t) {
            all.emplace_back([] {
                for (std::size_t i = 0; i < lines; ++i)
                    info("event", {{"text", "0123456789"}});
            });
        }
    });
    constexpr std::string_view report = "warning log_lines_dropped total=";
    const std::size_t written = count(out, "info event text=0123456789\n");
    EXPECT_EQ(count(out, "\n"), written + count(out, report));
    const std::size_t last = out.rfind(report);
    const std::size_t dropped = last == std::string::npos ? 0 : std::stoul(out.substr(last + report.size()));
    // The last report may push out one line more. At most one report is made for 256 lines, and each may be
    // dropped too.
    EXPECT_GE(written + dropped + 1, threads * lines);
    EXPECT_LE(written + dropped, threads * lines + threads * lines / 256 + 2);
}

} // namespace sluice::log::log_test
