#include "providers/temperature.hpp"

#include <array>
#include <charconv>

namespace sluice::providers {

void append_scaled(std::string& out, const neutral::number& temperature, temperature_factor factor) {
    double by = 1;
    switch (factor) {
    case temperature_factor::one: out += temperature.text; return;
    case temperature_factor::half: by = 0.5; break;
    case temperature_factor::two_and_a_half: by = 2.5; break;
    }
    std::array<char, 32> digits{}; // the shortest text of a double has 24
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), temperature.value * by);
    out.append(digits.data(), written.ptr);
}

} // namespace sluice::providers
