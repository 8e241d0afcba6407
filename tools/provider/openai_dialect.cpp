// OpenAI and Azure OpenAI as dialects: who asks, and which of their bodies is which.
#include "tools/provider/dialects.hpp"
#include "tools/provider/openai.hpp"

#include <utility>

namespace sluice::sim {

namespace {

class openai_dialect : public dialect {
public:
    explicit openai_dialect(task_kind task)
        : task_(task) {}

    [[nodiscard]] std::optional<api_error> refuse(const exchange& of) const override {
        return refuse_openai_key(of);
    }
    [[nodiscard]] api_result<call> read(const exchange& of) const override {
        return read_call(task_, of.model, field_value(of.request, "content-type"), of.request.body);
    }
    [[nodiscard]] answer say(const call& c, const knobs& k, std::vector<generated> choices) const override {
        if (c.task == task_kind::embeddings) {
            api_result<std::string> body = embeddings_body(c, k);
            return body ? json(*std::move(body)) : error(body.error());
        }
        if (c.stream) return events(completion_stream(c, k, std::move(choices)));
        return json(completion_body(c, k, std::move(choices)));
    }
    [[nodiscard]] answer error(const api_error& e) const override { return json(e.status, error_body(e)); }

private:
    task_kind task_;
};

// A token of Microsoft Entra is good in the place of a key.
class azure_dialect final : public openai_dialect {
public:
    using openai_dialect::openai_dialect;

    [[nodiscard]] std::optional<api_error> refuse(const exchange& of) const override {
        const std::string_view token = bearer_of(of.request);
        if (token.empty() || (!of.who.api_key.empty() && token == of.who.api_key))
            return openai_dialect::refuse(of);
        if (is_good_token(token_kind::entra, token, of.now)) return std::nullopt;
        api_error e;
        e.status = 401;
        e.message = "Unauthorized. Access token is missing, invalid, audience is incorrect, or have expired.";
        e.code = "401";
        return e;
    }
};

} // namespace

std::optional<api_error> refuse_openai_key(const exchange& of) {
    if (of.who.api_key.empty()) return std::nullopt;
    std::string_view sent = bearer_of(of.request);
    if (sent.empty()) sent = field_value(of.request, "api-key");
    if (sent == of.who.api_key) return std::nullopt;
    return sent.empty() ? missing_key() : wrong_key(sent);
}

const dialect& openai_chat() noexcept {
    static const openai_dialect instance(task_kind::chat);
    return instance;
}

const dialect& openai_completions() noexcept {
    static const openai_dialect instance(task_kind::completions);
    return instance;
}

const dialect& openai_embeddings() noexcept {
    static const openai_dialect instance(task_kind::embeddings);
    return instance;
}

const dialect& azure_chat() noexcept {
    static const azure_dialect instance(task_kind::chat);
    return instance;
}

const dialect& azure_completions() noexcept {
    static const azure_dialect instance(task_kind::completions);
    return instance;
}

const dialect& azure_embeddings() noexcept {
    static const azure_dialect instance(task_kind::embeddings);
    return instance;
}

} // namespace sluice::sim
