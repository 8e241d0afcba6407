#include "core/net/resolver.hpp"

#include <algorithm>

namespace sluice::net {

void resolver::ask(const std::string& host, const std::shared_ptr<entry>& of) {
    of->asking = true;
    resolver_.async_resolve(
        host,
        "",
        [of](const boost::system::error_code& ec, const asio::ip::tcp::resolver::results_type& results) {
            of->asking = false;
            addresses fresh;
            for (const auto& one : results) {
                const auto address = one.endpoint().address();
                if (std::find(fresh.begin(), fresh.end(), address) == fresh.end()) fresh.push_back(address);
            }
            const bool good = !ec && !fresh.empty();
            if (good)
                of->found =
                    std::move(fresh); // else the last good ones stay: a name server's hiccup is no outage
            of->good_until = std::chrono::steady_clock::now() + (good ? good_for : bad_for);
            for (waiter* one : of->waiting)
                one->woken_.notify();
        });
}

asio::awaitable<result<addresses>> resolver::resolve(const std::string& host, waiter& how) {
    boost::system::error_code not_an_address;
    const auto literal = asio::ip::make_address(host, not_an_address);
    if (!not_an_address) co_return addresses(1, literal);

    auto known = entries_.find(host);
    if (known == entries_.end()) {
        if (entries_.size() >= most_names) entries_.clear(); // those who wait hold their entry themselves
        known = entries_.emplace(host, std::make_shared<entry>()).first;
    }
    const std::shared_ptr<entry> of = known->second;
    if (!of->asking && std::chrono::steady_clock::now() >= of->good_until) ask(host, of);
    if (of->asking && of->found.empty()) { // known addresses serve while they are asked for again
        const auto place = of->waiting.insert(of->waiting.end(), &how);
        while (of->asking && !how.ended_)
            co_await how.woken_.wait();
        of->waiting.erase(place);
    }
    if (how.ended_) co_return fail(errc::connection_closed, "the wait for the name was ended");
    if (of->found.empty()) co_return fail(errc::bad_upstream, "the provider's host name does not resolve");
    co_return of->found;
}

} // namespace sluice::net
