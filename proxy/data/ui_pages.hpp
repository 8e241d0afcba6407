// The Serving UI to the browser: its page and the files that the page asks for, from the program's own
// memory. Without credentials: they hold nothing, and what they show they ask the API for.
#pragma once

#include "proxy/data/exchange.hpp"

namespace sluice::data {

// The page, whatever the path: which screen it shows is its own matter. Where the program has no UI, a page
// that says so.
[[nodiscard]] net::asio::awaitable<void> ui_page(exchange& client);
// A file by its path as it stands, or 404.
[[nodiscard]] net::asio::awaitable<void> ui_asset(exchange& client);

} // namespace sluice::data
