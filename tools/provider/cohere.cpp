// Cohere's dialect: v2 chat and embed, v1 generate. Requests are checked as the real service does; members
// that it does not know are refused.
#include "tools/provider/dialects.hpp"
#include "tools/provider/embeddings.hpp"
#include "tools/provider/schema.hpp"
#include "tools/provider/spoken.hpp"
#include "tools/provider/text.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <utility>

namespace sluice::sim {

namespace {

constexpr std::array<rule, 20> chat_rules = {{{"model", want::text, true},
                                              {"messages", want::list, true, 1},
                                              {"tools", want::list},
                                              {"strict_tools", want::boolean},
                                              {"tool_choice", want::text},
                                              {"documents", want::list},
                                              {"citation_options", want::object},
                                              {"response_format", want::object},
                                              {"safety_mode", want::text},
                                              {"max_tokens", want::integer, false, 1},
                                              {"stop_sequences", want::texts, false, 0, 5},
                                              {"temperature", want::number, false, 0},
                                              {"seed", want::integer, false, 0},
                                              {"k", want::integer, false, 0, 500},
                                              {"p", want::number, false, 0.01, 0.99},
                                              {"logprobs", want::boolean},
                                              {"thinking", want::object},
                                              {"stream", want::boolean},
                                              {"frequency_penalty", want::number, false, 0, 1},
                                              {"presence_penalty", want::number, false, 0, 1}}};

constexpr std::array<rule, 14> generate_rules = {{{"model", want::text},
                                                  {"prompt", want::text, true},
                                                  {"num_generations", want::integer, false, 1, 5},
                                                  {"stream", want::boolean},
                                                  {"max_tokens", want::integer, false, 1},
                                                  {"truncate", want::text},
                                                  {"temperature", want::number, false, 0, 5},
                                                  {"seed", want::integer},
                                                  {"end_sequences", want::texts},
                                                  {"stop_sequences", want::texts},
                                                  {"k", want::integer, false, 0, 500},
                                                  {"p", want::number, false, 0.01, 0.99},
                                                  {"frequency_penalty", want::number, false, 0, 1},
                                                  {"presence_penalty", want::number, false, 0, 1}}};

constexpr std::array<rule, 8> embed_rules = {{{"model", want::text, true},
                                              {"texts", want::texts, true, 1, 96},
                                              {"input_type", want::text, true},
                                              {"embedding_types", want::texts},
                                              {"output_dimension", want::integer, false, 1},
                                              {"max_tokens", want::integer},
                                              {"truncate", want::text},
                                              {"priority", want::integer}}};

tl::unexpected<api_error> refuse(std::string message, int status = 400) {
    api_error e;
    e.status = status;
    e.message = std::move(message);
    return tl::unexpected<api_error>(std::move(e));
}

template <class Rules>
api_result<void> checked(const json::object& body, const Rules& rules, std::string_view where = {}) {
    if (const auto found = check_members(body, rules, where))
        return refuse("invalid request: " + sentence_of(*found), found->kind == fault::missing ? 422 : 400);
    return {};
}

// Reads the messages of a v2 chat one after the other.
class history {
public:
    explicit history(call& out)
        : said_(out) {}

    api_result<void> message(const json::value& item);
    api_result<void> end();

private:
    api_result<std::string> content(const json::object& of, std::string_view role) const;
    api_result<void> calls(const json::object& of);

    conversation said_;
    std::set<std::string, std::less<>> open_calls_;
};

api_result<std::string> history::content(const json::object& of, std::string_view role) const {
    const json::value* found = member(of, "content");
    if (found == nullptr) return refuse("invalid request: all elements in messages need content.");
    if (found->is_string()) return std::string(view(found->get_string()));
    std::string text;
    if (!found->is_array() || found->get_array().empty())
        return refuse("invalid request: content must be a string or a list.");
    for (const json::value& each : found->get_array()) {
        const json::object* block = each.if_object();
        const std::string_view type = block == nullptr ? std::string_view() : text_member(*block, "type");
        if (type == "text") {
            text += text_member(*block, "text");
        } else if (type == "image_url" && role == "user") {
            const json::object* url = object_member(*block, "image_url");
            if (url == nullptr || text_member(*url, "url").empty())
                return refuse("invalid request: image_url needs a url.");
        } else {
            return refuse("invalid request: unknown type of content.");
        }
    }
    return text;
}

api_result<void> history::calls(const json::object& of) {
    const json::array* list = list_member(of, "tool_calls");
    if (list == nullptr || list->empty()) return refuse("invalid request: tool_calls must be a list.");
    for (const json::value& each : *list) {
        const json::object* one = each.if_object();
        const json::object* function = one == nullptr ? nullptr : object_member(*one, "function");
        const bool good = function != nullptr && text_member(*one, "type") == "function" &&
                          !text_member(*one, "id").empty() && !text_member(*function, "name").empty() &&
                          parse_object(text_member(*function, "arguments"));
        if (!good) return refuse("invalid request: malformed tool call.");
        open_calls_.emplace(text_member(*one, "id"));
    }
    return {};
}

api_result<void> history::message(const json::value& item) {
    constexpr std::array<rule, 6> rules = {{{"role", want::text, true},
                                            {"content"},
                                            {"tool_calls", want::list},
                                            {"tool_plan", want::text},
                                            {"tool_call_id", want::text},
                                            {"citations", want::list}}};
    const json::object* of = item.if_object();
    if (of == nullptr) return refuse("invalid request: messages must be objects.");
    if (auto good = checked(*of, rules, "messages"); !good) return good;
    const std::string_view role = text_member(*of, "role");
    if (role == "assistant" && member(*of, "tool_calls") != nullptr) {
        said_.said(false, text_member(*of, "tool_plan"));
        return calls(*of);
    }
    auto text = content(*of, role);
    if (!text) return tl::unexpected<api_error>(text.error());
    if (role == "tool") {
        if (open_calls_.erase(std::string(text_member(*of, "tool_call_id"))) == 0)
            return refuse("invalid request: tool_call_id does not match a tool call.");
    } else if (role != "user" && role != "assistant" && role != "system") {
        return refuse("invalid request: unknown role.");
    } else if (!open_calls_.empty()) {
        return refuse("invalid request: tool calls need their results next.");
    }
    said_.said(role == "user", *text);
    return {};
}

api_result<void> history::end() {
    said_.end();
    if (!open_calls_.empty()) return refuse("invalid request: tool calls need their results.");
    return {};
}

api_result<void> check_tools(const json::object& body) {
    const json::array* tools = list_member(body, "tools");
    const std::string_view choice = text_member(body, "tool_choice");
    if (member(body, "tool_choice") != nullptr &&
        ((choice != "NONE" && choice != "REQUIRED") || tools == nullptr || tools->empty()))
        return refuse("invalid request: tool_choice must be NONE or REQUIRED, beside tools.");
    if (tools == nullptr) return {};
    for (const json::value& each : *tools) {
        const json::object* tool = each.if_object();
        const json::object* function = tool == nullptr ? nullptr : object_member(*tool, "function");
        if (function == nullptr || text_member(*tool, "type") != "function")
            return refuse("invalid request: a tool must be a function.");
        constexpr std::array<rule, 3> rules = {
            {{"name", want::text, true}, {"description", want::text}, {"parameters", want::object, true}}};
        if (auto good = checked(*function, rules, "tools.function"); !good) return good;
    }
    return {};
}

api_result<void> check_others(const json::object& body) {
    if (member(body, "frequency_penalty") != nullptr && member(body, "presence_penalty") != nullptr)
        return refuse("invalid request: frequency_penalty and presence_penalty cannot be used together.");
    if (const json::object* format = object_member(body, "response_format")) {
        constexpr std::array<rule, 2> rules = {{{"type", want::text, true}, {"json_schema", want::object}}};
        if (auto good = checked(*format, rules, "response_format"); !good) return good;
        const std::string_view type = text_member(*format, "type");
        if (type != "json_object" && type != "text")
            return refuse("invalid request: response_format.type must be text or json_object.");
    }
    if (const json::object* thinking = object_member(body, "thinking")) {
        const std::string_view type = text_member(*thinking, "type");
        if (type != "enabled" && type != "disabled")
            return refuse("invalid request: thinking.type must be enabled or disabled.");
    }
    return check_tools(body);
}

class cohere_dialect : public dialect {
public:
    [[nodiscard]] std::optional<api_error> refuse(const exchange& of) const override {
        const std::string_view sent = bearer_of(of.request);
        if (!sent.empty() && (of.who.api_key.empty() || sent == of.who.api_key)) return std::nullopt;
        api_error e;
        e.status = 401;
        e.message = sent.empty() ? "no api key supplied" : "invalid api token";
        return e;
    }
    [[nodiscard]] api_result<call> read(const exchange& of) const override {
        if (!is_media_type(field_value(of.request, "content-type"), "application/json"))
            return sim::refuse("invalid request: the content type must be application/json.");
        const auto root = parse_object(of.request.body);
        if (!root) return sim::refuse("invalid request: the body is not a JSON object.");
        call out;
        if (auto good = read_body(root->get_object(), out); !good)
            return tl::unexpected<api_error>(good.error());
        return out;
    }
    [[nodiscard]] answer error(const api_error& e) const override {
        std::string body = R"({"id":"sim-error","message":)";
        append_quoted(body, e.message);
        return json(e.status, body + '}');
    }

private:
    [[nodiscard]] virtual api_result<void> read_body(const json::object& body, call& out) const = 0;
};

std::string id_of(const call& c) {
    std::string id = "sim-";
    append_hex(id, hash_text(c.model, c.seed));
    return id;
}

// {"billed_units":…,"tokens":…}; what is billed is less than what is counted, as at the service.
void append_counts(std::string& out, const call& c, std::size_t output) {
    const std::size_t billed = c.prompt_tokens > 2 ? c.prompt_tokens - 2 : c.prompt_tokens;
    out += R"({"billed_units":{"input_tokens":)";
    append_number(out, billed);
    out += R"(,"output_tokens":)";
    append_number(out, output);
    out += R"(},"tokens":{"input_tokens":)";
    append_number(out, c.prompt_tokens);
    out += R"(.0,"output_tokens":)";
    append_number(out, output);
    out += "}}";
}

std::string_view reason_of(const generated& said) {
    return said.by_length ? "MAX_TOKENS" : "COMPLETE";
}

class chat_events final : public spoken {
public:
    chat_events(const call& c, const knobs& k, std::vector<generated> choices)
        : spoken(c, k, std::move(choices)) {}

private:
    bool before(std::size_t number, std::string& out) override {
        if (number == 0) {
            append_named_event(out,
                               "message-start",
                               R"({"type":"message-start","id":")" + id_of(call_) +
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
                data.append(R"("finish_reason":")").append(reason_of(choices_.front())).append("\"");
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

class chat_dialect final : public cohere_dialect {
public:
    [[nodiscard]] answer say(const call& c, const knobs& k, std::vector<generated> choices) const override {
        if (c.stream) return events(std::make_unique<chat_events>(c, k, std::move(choices)));
        return json(sized(c, k, std::move(choices), [&c, &k](const std::vector<generated>& all) {
            const generated& said = all.front();
            std::string out = R"({"id":")" + id_of(c) + R"(","finish_reason":")";
            out += reason_of(said);
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
        if (auto good = checked(body, chat_rules); !good) return good;
        out.model = text_member(body, "model");
        out.stream = bool_member(body, "stream");
        out.max_tokens = count_member(body, "max_tokens");
        history turns(out);
        for (const json::value& each : *list_member(body, "messages")) {
            if (auto good = turns.message(each); !good) return good;
        }
        if (auto good = turns.end(); !good) return good;
        return check_others(body);
    }
};

// One JSON text a line.
class generate_lines final : public spoken {
public:
    generate_lines(const call& c, const knobs& k, std::vector<generated> choices)
        : spoken(c, k, std::move(choices)) {}

private:
    bool before(std::size_t, std::string&) override { return false; }
    void line(std::string& out, const std::string& data) const {
        out += data;
        out += knobs_.crlf ? "\r\n" : "\n";
    }
    void piece(std::size_t choice, std::string_view text, std::string& out) override {
        std::string data = R"({"text":)";
        append_quoted(data, text);
        if (choices_.size() > 1) {
            data += R"(,"index":)";
            append_number(data, choice);
        }
        line(out, spoilt(data + R"(,"is_finished":false,"event_type":"text-generation"})"));
    }
    void failure(std::string& out) override {
        line(out, R"({"is_finished":true,"event_type":"stream-error","finish_reason":"ERROR","err":"lost"})");
    }
    bool behind(std::size_t number, std::string& out) override {
        if (number > 0 || knobs_.no_done) return false;
        std::string data = R"({"is_finished":true,"event_type":"stream-end","finish_reason":")";
        data += reason_of(choices_.front());
        data += R"(","response":{"id":")" + id_of(call_) + R"(","prompt":"","generations":[)";
        for (const generated& each : choices_) {
            if (&each != &choices_.front()) data += ',';
            data += R"({"id":"g","text":)";
            append_quoted(data, each.text);
            data.append(R"(,"finish_reason":")").append(reason_of(each)).append("\"}");
        }
        data += ']';
        if (!knobs_.no_usage) {
            data += R"(,"meta":)";
            append_counts(data, call_, all_tokens());
        }
        line(out, data + "}}");
        return true;
    }
};

class generate_dialect final : public cohere_dialect {
public:
    [[nodiscard]] answer say(const call& c, const knobs& k, std::vector<generated> choices) const override {
        if (c.stream) {
            answer a = events(std::make_unique<generate_lines>(c, k, std::move(choices)));
            a.content_type = "application/stream+json";
            return a;
        }
        return json(sized(c, k, std::move(choices), [&c, &k](const std::vector<generated>& all) {
            std::string out = R"({"id":")" + id_of(c) + R"(","generations":[)";
            std::size_t tokens = 0;
            for (const generated& each : all) {
                if (&each != &all.front()) out += ',';
                out += R"({"id":"g","text":)";
                append_quoted(out, each.text);
                out.append(R"(,"finish_reason":")").append(reason_of(each)).append("\"}");
                tokens += each.tokens;
            }
            out += R"(],"prompt":)";
            append_quoted(out, c.inputs.front());
            if (!k.no_usage) {
                out += R"(,"meta":)";
                append_counts(out, c, tokens);
            }
            return out + '}';
        }));
    }

private:
    [[nodiscard]] api_result<void> read_body(const json::object& body, call& out) const override {
        if (auto good = checked(body, generate_rules); !good) return good;
        out.task = task_kind::completions;
        out.model = text_member(body, "model");
        out.stream = bool_member(body, "stream");
        out.max_tokens = count_member(body, "max_tokens");
        out.choices = count_member(body, "num_generations").value_or(1);
        add_input(out, text_member(body, "prompt"));
        return {};
    }
};

class embed_dialect final : public cohere_dialect {
public:
    [[nodiscard]] answer say(const call& c, const knobs& k, std::vector<generated>) const override {
        const std::size_t size = k.floats.value_or(c.dimensions.value_or(default_dimensions(c.model)));
        std::string out = R"({"id":")" + id_of(c) + R"(","embeddings":{"float":[)";
        for (std::size_t i = 0; i < c.inputs.size(); ++i) {
            if (i > 0) out += ',';
            append_floats(out, embedding_of(c.inputs[i], size));
        }
        out += "]}";
        if (!k.no_usage) {
            out += R"(,"meta":{"api_version":{"version":"2"},"billed_units":{"input_tokens":)";
            append_number(out, c.prompt_tokens);
            out += "}}";
        }
        return json(out + R"(,"response_type":"embeddings_by_type"})");
    }

private:
    [[nodiscard]] api_result<void> read_body(const json::object& body, call& out) const override {
        if (auto good = checked(body, embed_rules); !good) return good;
        constexpr std::array<std::string_view, 4> types = {
            "search_document", "search_query", "classification", "clustering"};
        if (std::find(types.begin(), types.end(), text_member(body, "input_type")) == types.end())
            return sim::refuse("invalid request: input_type is not one of the known ones.");
        const json::array* wanted = list_member(body, "embedding_types");
        if (wanted != nullptr && (wanted->size() != 1 || wanted->front() != "float"))
            return sim::refuse("invalid request: only float is simulated.");
        out.task = task_kind::embeddings;
        out.model = text_member(body, "model");
        out.dimensions = count_member(body, "output_dimension");
        for (const json::value& each : *list_member(body, "texts"))
            add_input(out, view(each.get_string()));
        return {};
    }
};

} // namespace

const dialect& cohere_chat() noexcept {
    static const chat_dialect instance;
    return instance;
}

const dialect& cohere_generate() noexcept {
    static const generate_dialect instance;
    return instance;
}

const dialect& cohere_embed() noexcept {
    static const embed_dialect instance;
    return instance;
}

} // namespace sluice::sim
