// Gemini on Vertex AI: candidates, whole and as events with CR LF.
#include "tools/provider/gemini.hpp"

#include "tools/provider/dialects.hpp"
#include "tools/provider/google.hpp"
#include "tools/provider/spoken.hpp"
#include "tools/provider/text.hpp"

#include <cstdint>
#include <memory>
#include <utility>

namespace sluice::sim {

namespace {

void append_candidate(std::string& out,
                      std::size_t index,
                      std::string_view text,
                      std::string_view reason = {}) {
    out += R"({"content":{"role":"model","parts":[{"text":)";
    append_quoted(out, text);
    out += R"(}]})";
    if (!reason.empty()) out.append(R"(,"finishReason":")").append(reason).append("\"");
    if (index > 0) {
        out += R"(,"index":)";
        append_number(out, index);
    }
    out += '}';
}

// From the end of the candidates to the end of the object.
void append_rest(std::string& out, const call& c, const knobs& k, std::optional<std::size_t> output) {
    out += R"(],"usageMetadata":{)";
    if (output && !k.no_usage) {
        out += R"("promptTokenCount":)";
        append_number(out, c.prompt_tokens);
        out += R"(,"candidatesTokenCount":)";
        append_number(out, *output);
        out += R"(,"totalTokenCount":)";
        append_number(out, c.prompt_tokens + *output);
        out += ',';
    }
    out += R"("trafficType":"ON_DEMAND"},"modelVersion":)";
    append_quoted(out, c.model);
    out += R"(,"createTime":"2026-01-15T12:34:56.000000Z","responseId":"sim-)";
    append_hex(out, hash_text(c.model, c.seed));
    out += "\"}";
}

std::string_view gemini_reason_of(const generated& said, const knobs& k) {
    if (k.no_finish) return {};
    return said.by_length ? "MAX_TOKENS" : "STOP";
}

class content_events final : public spoken {
public:
    content_events(const call& c, const knobs& k, std::vector<generated> choices)
        : spoken(c, k, std::move(choices)) {}

private:
    void write(std::string& out, std::string_view data) const {
        append_event(out, data, {true, knobs_.comments});
    }
    bool before(std::size_t, std::string&) override { return false; }
    void piece(std::size_t choice, std::string_view text, std::string& out) override {
        std::string data = R"({"candidates":[)";
        append_candidate(data, choice, text);
        append_rest(data, call_, knobs_, std::nullopt);
        write(out, spoilt(std::move(data)));
    }
    void failure(std::string& out) override {
        api_error e;
        e.status = 503;
        e.message = "The model is overloaded. Please try again later.";
        write(out, google::error_body(e));
    }
    bool behind(std::size_t number, std::string& out) override {
        if (number > 0 || knobs_.no_done) return false;
        std::string data = R"({"candidates":[)";
        for (std::size_t i = 0; i < choices_.size(); ++i) {
            if (i > 0) data += ',';
            append_candidate(data, i, "", gemini_reason_of(choices_[i], knobs_));
        }
        append_rest(data, call_, knobs_, all_tokens());
        write(out, data);
        return true;
    }
};

class content_dialect final : public google::vertex_dialect {
public:
    enum class form : std::uint8_t { whole, events, list };
    explicit content_dialect(form as)
        : as_(as) {}

    [[nodiscard]] answer say(const call& c, const knobs& k, std::vector<generated> choices) const override {
        if (c.stream) return events(std::make_unique<content_events>(c, k, std::move(choices)));
        std::string body = sized(c, k, std::move(choices), [&c, &k](const std::vector<generated>& all) {
            std::string out = R"({"candidates":[)";
            std::size_t tokens = 0;
            for (std::size_t i = 0; i < all.size(); ++i) {
                if (i > 0) out += ',';
                append_candidate(out, i, all[i].text, gemini_reason_of(all[i], k));
                tokens += all[i].tokens;
            }
            append_rest(out, c, k, tokens);
            return out;
        });
        return json(as_ == form::list ? "[" + body + "]" : std::move(body));
    }

private:
    [[nodiscard]] api_result<void> read_body(const json::object& body, call& out) const override {
        out.stream = as_ == form::events;
        return gemini::read_contents(body, out);
    }

    form as_;
};

} // namespace

const dialect& gemini_content() noexcept {
    static const content_dialect instance(content_dialect::form::whole);
    return instance;
}

const dialect& gemini_events() noexcept {
    static const content_dialect instance(content_dialect::form::events);
    return instance;
}

const dialect& gemini_list() noexcept {
    static const content_dialect instance(content_dialect::form::list);
    return instance;
}

} // namespace sluice::sim
