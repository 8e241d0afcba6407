// Host names to addresses for the control thread, which must not wait for a slow name server: the system's
// resolver runs on a thread of its own and is waited for a bounded time. Answers are kept for a while. Owned
// by the control plane.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/string_map.hpp"

#include <boost/asio/ip/address.hpp>

#include <future>
#include <string>
#include <vector>

namespace sluice::control {

class host_lookup {
public:
    using addresses = std::vector<boost::asio::ip::address>;
    static constexpr milliseconds longest_wait{1'500};
    static constexpr seconds kept_for{60};
    static constexpr std::size_t most_names = 1024;
    static constexpr std::size_t most_late = 8;

    // Empty when the name does not resolve, or not in time.
    [[nodiscard]] addresses find(const std::string& host);

private:
    struct answer {
        addresses found;
        steady_time good_until;
    };

    string_map<answer> known_;
    std::vector<std::future<addresses>> late_; // look-ups that nobody waits for any more
};

} // namespace sluice::control
