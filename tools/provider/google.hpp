// What the dialects of Google's services share.
#pragma once

#include "tools/provider/dialect.hpp"
#include "tools/provider/schema.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sluice::sim::google {

// The path names the model.
class google_dialect : public dialect {
public:
    [[nodiscard]] api_result<call> read(const exchange& of) const override;
    [[nodiscard]] answer error(const api_error& e) const override;

private:
    [[nodiscard]] virtual api_result<void> read_body(const json::object& body, call& out) const = 0;
};

class vertex_dialect : public google_dialect {
public:
    [[nodiscard]] std::optional<api_error> refuse(const exchange& of) const override;
};

[[nodiscard]] tl::unexpected<api_error> refuse_google(std::string message);

[[nodiscard]] api_result<void>
google_checked(const json::object& body, std::span<const rule> rules, std::string_view where = {});

// {"error":{"code":…,"message":…,"status":"INVALID_ARGUMENT"}}; the name follows the status.
[[nodiscard]] std::string error_body(const api_error& e);

// Nothing when the request shows an access token that was given out, or the key that is asked for.
[[nodiscard]] std::optional<api_error> refuse_token(const exchange& of);

} // namespace sluice::sim::google
