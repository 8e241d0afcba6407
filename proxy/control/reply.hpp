// The answer of one management call inside control: mostly the text of a 200.
#pragma once

#include "core/base/error.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace sluice::control {

struct reply {
    reply() = default;
    // Implicit: most calls end with their JSON text. (A result<std::string> must not become a result<reply>:
    // the converting constructor of tl::expected 1.0 constructs the value twice.)
    reply(std::string text) // NOLINT(google-explicit-constructor)
        : body(std::move(text)) {}

    std::string body = "{}";
    std::string content_type = "application/json";
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers; // safe to write
    // When set, the rest is unused: the answer would hold up the control thread (a query of the usage table),
    // so this is run on the plane's worker thread and gives the answer. It must not touch the plane's state.
    std::function<result<reply>()> later;
};

} // namespace sluice::control
