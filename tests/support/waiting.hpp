// Waiting for what another thread does. Every wait ends after a generous time, so that a broken gateway fails
// a test instead of hanging it; no test measures how short a wait was.
#pragma once

#include <chrono>
#include <thread>

namespace sluice::support {

inline constexpr std::chrono::seconds patience{30};

// For conditions that nobody announces (a counter of the gateway). True as soon as it holds.
template <class Condition>
[[nodiscard]] bool comes_true(Condition condition, std::chrono::milliseconds within = patience) {
    const auto end = std::chrono::steady_clock::now() + within;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(
            std::chrono::milliseconds(1)); // the machine is shared with what is waited for
    }
    return true;
}

} // namespace sluice::support
