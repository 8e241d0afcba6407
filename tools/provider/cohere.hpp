// What Cohere's operations share. Requests are cohere_checked as the real service does; members that it does
// not know are refused.
#pragma once

#include "tools/provider/dialect.hpp"
#include "tools/provider/schema.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sluice::sim::cohere {

class cohere_dialect : public dialect {
public:
    [[nodiscard]] std::optional<api_error> refuse(const exchange& of) const override;
    [[nodiscard]] api_result<call> read(const exchange& of) const override;
    // {"id":…,"message":…}
    [[nodiscard]] answer error(const api_error& e) const override;

private:
    [[nodiscard]] virtual api_result<void> read_body(const json::object& body, call& out) const = 0;
};

[[nodiscard]] tl::unexpected<api_error> refuse_cohere(std::string message, int status = 400);

[[nodiscard]] api_result<void>
cohere_checked(const json::object& body, std::span<const rule> rules, std::string_view where = {});

// A body of POST /v2/chat.
[[nodiscard]] api_result<void> read_chat(const json::object& body, call& out);

[[nodiscard]] std::string answer_id_of(const call& c);

// {"billed_units":…,"tokens":…}; what is billed is less than what is counted, as at the service.
void append_counts(std::string& out, const call& c, std::size_t output);

[[nodiscard]] std::string_view finish_of(const generated& said) noexcept;

} // namespace sluice::sim::cohere
