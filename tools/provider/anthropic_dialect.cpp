// Anthropic as a dialect.
#include "tools/provider/anthropic.hpp"
#include "tools/provider/dialects.hpp"
#include "tools/provider/google.hpp"

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
        return anthropic::read_call(field_value(of.request, "content-type"),
                                    of.request.body,
                                    field_value(of.request, "anthropic-version"));
    }
    [[nodiscard]] answer say(const call& c, const knobs& k, std::vector<generated> choices) const override {
        if (c.stream) return events(anthropic::message_stream(c, k, std::move(choices.front())));
        return json(anthropic::message_body(c, k, std::move(choices.front())));
    }
    [[nodiscard]] answer error(const api_error& e) const override {
        return json(e.status, anthropic::error_body(e));
    }
};

class count_dialect final : public dialect {
public:
    [[nodiscard]] std::optional<api_error> refuse(const exchange& of) const override {
        return anthropic_messages().refuse(of);
    }
    [[nodiscard]] api_result<call> read(const exchange& of) const override {
        return anthropic::read_count_call(field_value(of.request, "content-type"), of.request.body);
    }
    [[nodiscard]] answer say(const call& c, const knobs&, std::vector<generated>) const override {
        return json(R"({"input_tokens":)" + std::to_string(c.prompt_tokens) + '}');
    }
    [[nodiscard]] answer error(const api_error& e) const override { return anthropic_messages().error(e); }
};

// Claude on Vertex AI: the token of Google, the body of Anthropic.
class vertex_claude final : public dialect {
public:
    explicit vertex_claude(bool streams)
        : streams_(streams) {}

    [[nodiscard]] std::optional<api_error> refuse(const exchange& of) const override {
        return google::refuse_token(of);
    }
    [[nodiscard]] api_result<call> read(const exchange& of) const override {
        auto c = anthropic::read_hosted_call(
            field_value(of.request, "content-type"), of.request.body, {"vertex-2023-10-16", of.model});
        if (!c || c->stream == streams_) return c;
        api_error e;
        e.message = "stream: does not fit the method of the path";
        return tl::unexpected<api_error>(std::move(e));
    }
    [[nodiscard]] answer say(const call& c, const knobs& k, std::vector<generated> choices) const override {
        return anthropic_messages().say(c, k, std::move(choices));
    }
    [[nodiscard]] answer error(const api_error& e) const override {
        const bool is_googles = e.status == 401 || e.status == 403 || e.status == 404;
        return json(e.status, is_googles ? google::error_body(e) : anthropic::error_body(e));
    }

private:
    bool streams_;
};

} // namespace

const dialect& anthropic_count_tokens() noexcept {
    static const count_dialect instance;
    return instance;
}

const dialect& vertex_claude_whole() noexcept {
    static const vertex_claude instance(false);
    return instance;
}

const dialect& vertex_claude_events() noexcept {
    static const vertex_claude instance(true);
    return instance;
}

const dialect& anthropic_messages() noexcept {
    static const messages_dialect instance;
    return instance;
}

} // namespace sluice::sim
