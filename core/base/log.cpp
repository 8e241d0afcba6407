#include "core/base/log.hpp"

#include "core/json/writer.hpp"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>

namespace sluice::log {

namespace {

// Lines that may wait. When there is no room the oldest is dropped.
constexpr std::size_t queue_lines = 8192;
// So many lines pass until the drops are counted again.
constexpr std::uint64_t lines_per_drop_check = 256;

constexpr int quiet = 255;

struct writer {
    // Shared because spdlog asks for it. Outlives the queue, so that the writer thread is not the last to
    // hold it.
    std::shared_ptr<spdlog::async_logger> out;
    std::shared_ptr<spdlog::details::thread_pool> queue; // shared because spdlog's logger holds it weakly
    std::atomic<std::uint64_t> lines = 0;
    std::atomic<std::size_t> reported_drops = 0;
};

// The one global of the program: a log that had to be passed everywhere would be passed everywhere.
std::atomic<int> least_level = quiet;
std::shared_mutex guard; // of `active`; shared by writers, exclusive for start and stop only
std::unique_ptr<writer> active;

spdlog::level::level_enum to_spdlog(level at) noexcept {
    switch (at) {
    case level::debug: return spdlog::level::debug;
    case level::info: return spdlog::level::info;
    case level::warn: return spdlog::level::warn;
    case level::error: return spdlog::level::err;
    }
    return spdlog::level::err;
}

bool needs_quotes(std::string_view text) noexcept {
    if (text.empty()) return true;
    for (const char c : text) {
        if (c <= ' ' || c >= 0x7F || c == '"' || c == '=' || c == '\\') return true;
    }
    return false;
}

// A JSON string, in which also DEL and the C1 control characters are escaped: terminals obey those too.
void append_quoted(std::string& line, std::string_view text) {
    std::string quoted;
    json::append_string(quoted, text);
    constexpr std::string_view hex = "0123456789abcdef";
    for (std::size_t i = 0; i < quoted.size(); ++i) {
        const auto c = static_cast<unsigned char>(quoted[i]);
        const unsigned second =
            c == 0xC2 ? static_cast<unsigned char>(quoted[i + 1]) : 0; // UTF-8, so there is one
        const bool c1 = second >= 0x80 && second < 0xA0;
        if (c != 0x7F && !c1) {
            line += quoted[i];
            continue;
        }
        const unsigned code = c1 ? second : c;
        line.append("\\u00") += hex[code >> 4U];
        line += hex[code & 0x0FU];
        if (c1) ++i;
    }
}

std::string render(std::string_view event, std::initializer_list<pair> pairs) {
    std::string line(event);
    for (const pair& each : pairs) {
        line.append(" ").append(each.key).append("=");
        if (each.what.is_number()) {
            json::append_number(line, each.what.number());
        } else if (needs_quotes(each.what.text())) {
            append_quoted(line, each.what.text());
        } else {
            line.append(each.what.text());
        }
    }
    return line;
}

// The sum since the start, so that a report that is dropped itself loses nothing.
void report_drops(writer& to) {
    const std::size_t dropped = to.queue->overrun_counter();
    if (dropped <= to.reported_drops.load(std::memory_order_relaxed)) return;
    to.reported_drops.store(dropped, std::memory_order_relaxed);
    to.out->log(spdlog::level::warn,
                render("log_lines_dropped", {{"total", static_cast<std::int64_t>(dropped)}}));
}

} // namespace

void start(level least) {
    auto fresh = std::make_unique<writer>();
    fresh->queue = std::make_shared<spdlog::details::thread_pool>(queue_lines, 1);
    fresh->out = std::make_shared<spdlog::async_logger>("sluice",
                                                        std::make_shared<spdlog::sinks::stderr_sink_mt>(),
                                                        fresh->queue,
                                                        spdlog::async_overflow_policy::overrun_oldest);
    fresh->out->set_level(to_spdlog(least));
    fresh->out->set_formatter(std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%S.%eZ %l %v",
                                                                          spdlog::pattern_time_type::utc));
    const std::lock_guard lock(guard);
    active = std::move(fresh);
    least_level = static_cast<int>(least);
}

void stop() {
    least_level = quiet;
    std::unique_ptr<writer> last;
    {
        const std::lock_guard lock(guard);
        last = std::move(active);
    }
    if (!last) return;
    report_drops(*last);
    last.reset(); // the queue's destructor writes what waits and joins the thread
}

void write(level at, std::string_view event, std::initializer_list<pair> pairs) {
    if (static_cast<int>(at) < least_level.load(std::memory_order_relaxed)) return;
    const std::string line = render(event, pairs);
    const std::shared_lock lock(guard);
    if (!active) return;
    active->out->log(to_spdlog(at), line);
    if (active->lines.fetch_add(1, std::memory_order_relaxed) % lines_per_drop_check == 0)
        report_drops(*active);
}

} // namespace sluice::log
