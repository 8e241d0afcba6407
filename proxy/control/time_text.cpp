#include "proxy/control/time_text.hpp"

#include <chrono>
#include <string_view>

namespace sluice::control {

namespace {

void add(std::string& out, std::int64_t number, std::size_t digits, std::string_view behind) {
    const std::string text = std::to_string(number);
    if (text.size() < digits) out.append(digits - text.size(), '0');
    out.append(text).append(behind);
}

} // namespace

std::string rfc3339(wall_ms time) {
    using namespace std::chrono; // NOLINT(google-build-using-namespace): only here
    const sys_time<milliseconds> at{milliseconds(time)};
    const auto midnight = floor<days>(at);
    const year_month_day day(midnight);
    const hh_mm_ss<milliseconds> clock(at - midnight);
    std::string out;
    add(out, int{day.year()}, 4, "-");
    add(out, unsigned{day.month()}, 2, "-");
    add(out, unsigned{day.day()}, 2, "T");
    add(out, clock.hours().count(), 2, ":");
    add(out, clock.minutes().count(), 2, ":");
    add(out, clock.seconds().count(), 2, ".");
    add(out, clock.subseconds().count(), 3, "Z");
    return out;
}

} // namespace sluice::control
