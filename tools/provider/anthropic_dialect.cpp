// Anthropic as a dialect.
#include "tools/provider/anthropic.hpp"
#include "tools/provider/dialects.hpp"

#include <utility>

namespace sluice::sim {

namespace {

class messages_dialect final : public dialect {
public:
    [[nodiscard]] std::optional<api_error> refuse(const exchange& of) const override {
        return anthropic::refuse_fields(field_value(of.request, "x-api-key"),
                                        field_value(of.request, "anthropic-version"),
                                        of.who.api_key);
    }
    [[nodiscard]] api_result<call> read(const exchange& of) const override {
        return anthropic::read_call(field_value(of.request, "content-type"), of.request.body);
    }
    [[nodiscard]] answer say(const call& c, const knobs& k, std::vector<generated> choices) const override {
        if (c.stream) return events(anthropic::message_stream(c, k, std::move(choices.front())));
        return json(anthropic::message_body(c, k, std::move(choices.front())));
    }
    [[nodiscard]] answer error(const api_error& e) const override {
        return json(e.status, anthropic::error_body(e));
    }
};

} // namespace

const dialect& anthropic_messages() noexcept {
    static const messages_dialect instance;
    return instance;
}

} // namespace sluice::sim
