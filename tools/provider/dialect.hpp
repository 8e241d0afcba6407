// What the service asks of every API that it speaks, and of every other path. The table of routes names them.
#pragma once

#include "tools/provider/access.hpp"
#include "tools/provider/call.hpp"
#include "tools/provider/generate.hpp"
#include "tools/provider/knobs.hpp"
#include "tools/provider/request.hpp"
#include "tools/provider/script.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::sim {

// A request on a known path.
struct exchange {
    const http_request& request;
    const access& who;
    std::int64_t now = 0; // seconds since 1970
    std::string model;    // that the path names, decoded
};

// One operation of one API. Stateless; any thread may use it.
class dialect {
public:
    dialect() = default;
    dialect(const dialect&) = delete;
    dialect& operator=(const dialect&) = delete;
    virtual ~dialect() = default;

    // Who asks: nothing when the request's fields prove it.
    [[nodiscard]] virtual std::optional<api_error> refuse(const exchange& of) const = 0;

    // Reads and checks the body as strictly as the service does.
    [[nodiscard]] virtual api_result<call> read(const exchange& of) const = 0;

    // The good answer, whole or as events.
    [[nodiscard]] virtual answer say(const call& c, const knobs& k, std::vector<generated> choices) const = 0;

    // An error in the API's own form.
    [[nodiscard]] virtual answer error(const api_error& e) const = 0;

protected:
    // 200 with JSON.
    [[nodiscard]] static answer json(std::string body);
    [[nodiscard]] static answer json(int status, std::string body);
    // 200 with server-sent events.
    [[nodiscard]] static answer events(std::unique_ptr<event_source> source);
};

// The error of another path, or the answer of a path that is about something else than models: tokens,
// credentials. Knobs come by `x-sim` alone.
using plain_respond = answer (*)(const exchange& of);

} // namespace sluice::sim
