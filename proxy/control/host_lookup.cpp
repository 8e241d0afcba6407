#include "proxy/control/host_lookup.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <system_error>
#include <utility>

namespace sluice::control {

namespace {

host_lookup::addresses resolve(const std::string& host) {
    boost::asio::io_context io;
    boost::asio::ip::tcp::resolver resolver(io);
    boost::system::error_code failed;
    host_lookup::addresses found;
    for (const auto& one : resolver.resolve(host, "", failed))
        found.push_back(one.endpoint().address());
    return found;
}

} // namespace

host_lookup::addresses host_lookup::find(const std::string& host) {
    const steady_time now = std::chrono::steady_clock::now();
    if (const auto kept = known_.find(host); kept != known_.end() && now < kept->second.good_until)
        return kept->second.found;
    std::erase_if(late_, [](const std::future<addresses>& one) {
        return one.wait_for(seconds(0)) == std::future_status::ready;
    });
    if (late_.size() >= most_late) return {};
    std::future<addresses> asked;
    try {
        asked = std::async(std::launch::async, resolve, host);
    } catch (const std::system_error&) { // no thread is to be had
        return {};
    }
    answer fresh{{}, now + kept_for};
    if (asked.wait_for(longest_wait) == std::future_status::ready) {
        fresh.found = asked.get();
    } else {
        late_.push_back(std::move(asked));
    }
    if (known_.size() >= most_names) known_.clear();
    known_.insert_or_assign(host, fresh);
    return fresh.found;
}

} // namespace sluice::control
