// The one table of all paths that the simulated provider answers.
#pragma once

#include "tools/provider/dialect.hpp"

#include <string>
#include <string_view>

namespace sluice::sim {

struct route {
    std::string_view method;
    // `{model}` stands for one segment, which may be percent-encoded, or for its part before a ':'; `{}` for
    // any segment.
    std::string_view path;
    const dialect* api = nullptr; // or
    plain_respond plain = nullptr;
    std::string_view query; // what must stand in the query; empty: nothing
};

struct found_route {
    const route* to = nullptr; // null: no such path, or only for other methods
    bool other_method = false; // the path is known
    std::string model;
};

[[nodiscard]] found_route find_route(std::string_view method, std::string_view path, std::string_view query);

} // namespace sluice::sim
