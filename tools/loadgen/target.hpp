// Where a load test goes and what it sends. Only loopback addresses: a load generator must not be able to
// reach anybody else.
#pragma once

#include "core/base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::load {

struct target {
    std::string address; // of the loopback network, for the socket
    std::uint16_t port = 80;
    std::string host; // value of the Host header
    std::string path; // with query
};

// "http://127.0.0.1:8080/v1/x?y". Error bad_request: not http, or not localhost or a loopback address.
[[nodiscard]] result<target> parse_target(std::string_view url);

// The bytes of one request: POST with a body, GET without. `headers` are "Name: value" lines; content-type is
// application/json unless they say otherwise. Error bad_request: a header that cannot be sent.
[[nodiscard]] result<std::string>
request_bytes(const target& to, const std::vector<std::string>& headers, std::string_view body);

} // namespace sluice::load
