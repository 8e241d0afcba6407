// A gzip member (RFC 1952) whose data is stored, not compressed: enough to see what a peer does with a coded
// body.
#pragma once

#include <string>
#include <string_view>

namespace sluice::sim {

// Appends one whole member. Members put together are one gzip file.
void append_gzip(std::string& out, std::string_view data);

} // namespace sluice::sim
