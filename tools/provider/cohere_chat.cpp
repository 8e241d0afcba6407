// Cohere's v2 chat: the answer, whole and as named events.
#include "tools/provider/cohere.hpp"
#include "tools/provider/dialects.hpp"
#include "tools/provider/spoken.hpp"
#include "tools/provider/text.hpp"

#include <memory>
#include <utility>

namespace sluice::sim {

namespace {

using cohere::answer_id_of;
using cohere::append_counts;
using cohere::finish_of;
using cohere::read_chat;

class cohere_chat_events final : public spoken {
public:
    cohere_chat_events(const call& c, const knobs& k, std::vector<generated> choices)
        : spoken(c, k, std::move(choices)) {}

private:
    bool before(std::size_t number, std::string& out) override {
        if (number == 0) {
            append_named_event(out,
                               "message-start",
                               R"({"type":"message-start","id":")" + answer_id_of(call_) +
                                   R"(","delta":{"message":{"role":"assistant","content":[],"tool_plan":"",)"
                                   R"("tool_calls":[],"citations":[]}}})",
                               style());
            return true;
        }
        if (number > 1) return false;
        append_named_event(
            out,
            "content-start",
            R"({"type":"content-start","index":0,"delta":{"message":{"content":{"type":"text","text":""}}}})",
            style());
        return true;
    }
    void piece(std::size_t, std::string_view text, std::string& out) override {
        std::string data = R"({"type":"content-delta","index":0,"delta":{"message":{"content":{"text":)";
        append_quoted(data, text);
        append_named_event(out, "content-delta", spoilt(data + "}}}}"), style());
    }
    void failure(std::string& out) override {
        append_named_event(
            out,
            "message-end",
            R"({"type":"message-end","delta":{"finish_reason":"ERROR","error":"the model is overloaded"}})",
            style());
    }
    bool behind(std::size_t number, std::string& out) override {
        if (number == 0) {
            append_named_event(out, "content-end", R"({"type":"content-end","index":0})", style());
            return true;
        }
        if (number == 1 && !knobs_.no_done) {
            std::string data = R"({"type":"message-end","delta":{)";
            if (!knobs_.no_finish)
                data.append(R"("finish_reason":")").append(finish_of(choices_.front())).append("\"");
            if (!knobs_.no_usage) {
                data += knobs_.no_finish ? R"("usage":)" : R"(,"usage":)";
                append_counts(data, call_, all_tokens());
            }
            append_named_event(out, "message-end", data + "}}", style());
            return true;
        }
        if (number != 2 || knobs_.no_done) return false;
        append_event(out, "[DONE]", style());
        return true;
    }
};

class cohere_chat_dialect final : public cohere::cohere_dialect {
public:
    [[nodiscard]] answer say(const call& c, const knobs& k, std::vector<generated> choices) const override {
        if (c.stream) return events(std::make_unique<cohere_chat_events>(c, k, std::move(choices)));
        return json(sized(c, k, std::move(choices), [&c, &k](const std::vector<generated>& all) {
            const generated& said = all.front();
            std::string out = R"({"id":")" + answer_id_of(c) + R"(","finish_reason":")";
            out += finish_of(said);
            out += R"(","message":{"role":"assistant","content":[{"type":"text","text":)";
            append_quoted(out, said.text);
            out += "}]}";
            if (!k.no_usage) {
                out += R"(,"usage":)";
                append_counts(out, c, said.tokens);
            }
            return out + '}';
        }));
    }

private:
    [[nodiscard]] api_result<void> read_body(const json::object& body, call& out) const override {
        return read_chat(body, out);
    }
};

} // namespace

const dialect& cohere_chat() noexcept {
    static const cohere_chat_dialect instance;
    return instance;
}

} // namespace sluice::sim
