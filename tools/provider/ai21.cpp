// AI21's dialect: the chat of Jamba and the completion of Jurassic-2, ai21_checked as a FastAPI service does.
#include "tools/provider/dialects.hpp"
#include "tools/provider/schema.hpp"
#include "tools/provider/spoken.hpp"
#include "tools/provider/text.hpp"

#include <array>
#include <memory>
#include <utility>

namespace sluice::sim {

namespace {

constexpr std::array<rule, 12> chat_rules = {{{"model", want::text, true},
                                              {"messages", want::list, true, 1},
                                              {"max_tokens", want::integer, false, 1},
                                              {"temperature", want::number, false, 0, 2},
                                              {"top_p", want::number, false, 0, 1},
                                              {"stop", want::texts},
                                              {"n", want::integer, false, 1, 16},
                                              {"stream", want::boolean},
                                              {"seed", want::integer},
                                              {"tools", want::list},
                                              {"tool_choice"},
                                              {"response_format", want::object}}};

constexpr std::array<rule, 10> complete_rules = {{{"prompt", want::text, true},
                                                  {"numResults", want::integer, false, 1, 16},
                                                  {"maxTokens", want::integer, false, 1},
                                                  {"temperature", want::number, false, 0, 5},
                                                  {"topP", want::number, false, 0, 1},
                                                  {"topKReturn", want::integer, false, 0, 64},
                                                  {"stopSequences", want::texts},
                                                  {"presencePenalty", want::object},
                                                  {"frequencyPenalty", want::object},
                                                  {"countPenalty", want::object}}};

// The path of the member in `param`, what is wrong in `code`.
tl::unexpected<api_error> refuse_ai21(std::string_view path, std::string_view what, std::string message) {
    api_error e;
    e.status = 422;
    e.message = std::move(message);
    e.param = path;
    e.code = what;
    return tl::unexpected<api_error>(std::move(e));
}

template <class Rules>
api_result<void> ai21_checked(const json::object& body, const Rules& rules, std::string_view where = {}) {
    const auto found = check_members(body, rules, where);
    if (!found) return {};
    switch (found->kind) {
    case fault::unknown: return refuse_ai21(found->path, "value_error.extra", "extra fields not permitted");
    case fault::missing: return refuse_ai21(found->path, "value_error.missing", "field required");
    case fault::type: return refuse_ai21(found->path, "type_error", "value is not of the right type");
    case fault::range: break;
    }
    return refuse_ai21(found->path, "value_error", "ensure this value is in its range");
}

api_result<void> read_message(const json::value& item, conversation& into) {
    constexpr std::array<rule, 4> rules = {{{"role", want::text, true},
                                            {"content", want::text},
                                            {"tool_calls", want::list},
                                            {"tool_call_id", want::text}}};
    const json::object* of = item.if_object();
    if (of == nullptr) return refuse_ai21("messages", "type_error.dict", "value is not a valid dict");
    if (auto good = ai21_checked(*of, rules, "messages"); !good) return good;
    const std::string_view role = text_member(*of, "role");
    const bool has_calls = member(*of, "tool_calls") != nullptr;
    if (role != "system" && role != "user" && role != "assistant" && role != "tool")
        return refuse_ai21("messages.role", "value_error.const", "unexpected value");
    if (member(*of, "content") == nullptr && !(role == "assistant" && has_calls))
        return refuse_ai21("messages.content", "value_error.missing", "field required");
    if (role == "tool" && text_member(*of, "tool_call_id").empty())
        return refuse_ai21("messages.tool_call_id", "value_error.missing", "field required");
    if (has_calls && role != "assistant")
        return refuse_ai21("messages.tool_calls", "value_error.extra", "extra fields not permitted");
    into.said(role == "user", text_member(*of, "content"));
    return {};
}

class ai21_dialect : public dialect {
public:
    [[nodiscard]] std::optional<api_error> refuse(const exchange& of) const override {
        const std::string_view sent = bearer_of(of.request);
        if (!sent.empty() && (of.who.api_key.empty() || sent == of.who.api_key)) return std::nullopt;
        api_error e;
        e.status = 401;
        e.message = "Forbidden: Bad or missing API token.";
        return e;
    }
    [[nodiscard]] api_result<call> read(const exchange& of) const override {
        const auto root = parse_object(of.request.body);
        if (!root || !is_media_type(field_value(of.request, "content-type"), "application/json"))
            return sim::refuse_ai21("", "value_error.jsondecode", "the body is not a JSON object");
        call out;
        if (auto good = read_body(of, root->get_object(), out); !good)
            return tl::unexpected<api_error>(good.error());
        return out;
    }
    [[nodiscard]] answer error(const api_error& e) const override {
        std::string body = R"({"detail":)";
        if (e.status == 422) {
            body += R"([{"loc":["body",)";
            append_quoted(body, e.param);
            body += R"(],"msg":)";
            append_quoted(body, e.message);
            body += R"(,"type":)";
            append_quoted(body, e.code);
            body += "}]";
        } else {
            append_quoted(body, e.message);
        }
        return json(e.status, body + '}');
    }

private:
    [[nodiscard]] virtual api_result<void>
    read_body(const exchange& of, const json::object& body, call& out) const = 0;
};

std::string id_of(const call& c) {
    std::string id = "chatcmpl-sim";
    append_hex(id, hash_text(c.model, c.seed));
    return id;
}

void append_ai21_usage(std::string& out, const call& c, std::size_t completion) {
    out += R"(,"usage":{"prompt_tokens":)";
    append_number(out, c.prompt_tokens);
    out += R"(,"completion_tokens":)";
    append_number(out, completion);
    out += R"(,"total_tokens":)";
    append_number(out, c.prompt_tokens + completion);
    out += '}';
}

std::string_view ai21_reason_of(const generated& said) {
    return said.by_length ? R"("length")" : R"("stop")";
}

// The role first; of each choice the last piece of text stands beside its reason, the usage beside the last
// of all.
class ai21_chat_events final : public spoken {
public:
    ai21_chat_events(const call& c, const knobs& k, std::vector<generated> choices)
        : spoken(c, k, std::move(choices)) {}

private:
    [[nodiscard]] std::string
    chunk(std::size_t choice, std::string_view delta, std::string_view reason) const {
        std::string data = R"({"id":")" + id_of(call_) + R"(","choices":[{"index":)";
        append_number(data, choice);
        data.append(R"(,"delta":)").append(delta).append(R"(,"logprobs":null,"finish_reason":)");
        return data.append(reason).append("}]");
    }
    bool before(std::size_t number, std::string& out) override {
        if (number >= choices_.size()) return false;
        append_event(out, chunk(number, R"({"role":"assistant"})", "null") + "}", style());
        return true;
    }
    void piece(std::size_t choice, std::string_view text, std::string& out) override {
        done_ = choice == last_choice_ ? done_ + text.size() : text.size();
        last_choice_ = choice;
        std::string delta = R"({"content":)";
        append_quoted(delta, text);
        const bool ends = done_ == choices_[choice].text.size() && !knobs_.no_finish;
        std::string data = chunk(choice, delta + "}", ends ? ai21_reason_of(choices_[choice]) : "null");
        if (ends && choice + 1 == choices_.size() && !knobs_.no_usage)
            append_ai21_usage(data, call_, all_tokens());
        ended_ = ends && choice + 1 == choices_.size();
        append_event(out, spoilt(data + "}"), style());
    }
    void failure(std::string& out) override {
        append_event(out, R"({"detail":"Internal server error"})", style());
    }
    bool behind(std::size_t number, std::string& out) override {
        if (number == 0 && !ended_ && !knobs_.no_finish) { // nothing was said
            append_event(out, chunk(choices_.size() - 1, "{}", R"("stop")") + "}", style());
            return true;
        }
        if (knobs_.no_done || written_) return false;
        written_ = true;
        append_event(out, "[DONE]", style());
        return true;
    }

    std::size_t done_ = 0; // bytes of the choice that is being said
    std::size_t last_choice_ = 0;
    bool ended_ = false;
    bool written_ = false;
};

class ai21_chat_dialect final : public ai21_dialect {
public:
    [[nodiscard]] answer say(const call& c, const knobs& k, std::vector<generated> choices) const override {
        if (c.stream) return events(std::make_unique<ai21_chat_events>(c, k, std::move(choices)));
        return json(sized(c, k, std::move(choices), [&c, &k](const std::vector<generated>& all) {
            std::string out = R"({"id":")" + id_of(c) + R"(","choices":[)";
            std::size_t tokens = 0;
            for (std::size_t i = 0; i < all.size(); ++i) {
                if (i > 0) out += ',';
                out += R"({"index":)";
                append_number(out, i);
                out += R"(,"message":{"role":"assistant","content":)";
                append_quoted(out, all[i].text);
                out += R"(,"tool_calls":null},"logprobs":null,"finish_reason":)";
                out += k.no_finish ? "null" : ai21_reason_of(all[i]);
                out += '}';
                tokens += all[i].tokens;
            }
            out += ']';
            if (!k.no_usage) append_ai21_usage(out, c, tokens);
            return out + R"(,"meta":{"requestDurationMillis":1}})";
        }));
    }

private:
    [[nodiscard]] api_result<void>
    read_body(const exchange&, const json::object& body, call& out) const override {
        if (auto good = ai21_checked(body, chat_rules); !good) return good;
        if (const json::object* format = object_member(body, "response_format")) {
            const std::string_view type = text_member(*format, "type");
            if ((type != "text" && type != "json_object") || format->size() != 1)
                return sim::refuse_ai21("response_format", "value_error", "unexpected value");
        }
        out.model = text_member(body, "model");
        out.stream = bool_member(body, "stream");
        out.max_tokens = count_member(body, "max_tokens");
        out.choices = count_member(body, "n").value_or(1);
        conversation said(out);
        for (const json::value& each : *list_member(body, "messages")) {
            if (auto good = read_message(each, said); !good) return good;
        }
        said.end();
        return {};
    }
};

void append_token_list(std::string& out, std::size_t tokens) {
    out += '[';
    for (std::size_t i = 0; i < tokens; ++i)
        out += i > 0 ? ",{}" : "{}";
    out += ']';
}

class ai21_complete_dialect final : public ai21_dialect {
public:
    [[nodiscard]] answer say(const call& c, const knobs& k, std::vector<generated> choices) const override {
        return json(sized(c, k, std::move(choices), [&c, &k](const std::vector<generated>& all) {
            std::string out = R"({"id":1234,"prompt":{"text":)";
            append_quoted(out, c.inputs.front());
            if (!k.no_usage) {
                out += R"(,"tokens":)";
                append_token_list(out, c.prompt_tokens);
            }
            out += R"(},"completions":[)";
            for (const generated& each : all) {
                if (&each != &all.front()) out += ',';
                out += R"({"data":{"text":)";
                append_quoted(out, each.text);
                if (!k.no_usage) {
                    out += R"(,"tokens":)";
                    append_token_list(out, each.tokens);
                }
                out += R"(},"finishReason":{"reason":)";
                out += each.by_length ? R"("length")" : R"("endoftext")";
                out += "}}";
            }
            return out + "]}";
        }));
    }

private:
    [[nodiscard]] api_result<void>
    read_body(const exchange& of, const json::object& body, call& out) const override {
        if (auto good = ai21_checked(body, complete_rules); !good) return good;
        out.task = task_kind::completions;
        out.model = of.model;
        out.max_tokens = count_member(body, "maxTokens");
        out.choices = count_member(body, "numResults").value_or(1);
        add_input(out, text_member(body, "prompt"));
        return {};
    }
};

} // namespace

const dialect& ai21_chat() noexcept {
    static const ai21_chat_dialect instance;
    return instance;
}

const dialect& ai21_complete() noexcept {
    static const ai21_complete_dialect instance;
    return instance;
}

} // namespace sluice::sim
