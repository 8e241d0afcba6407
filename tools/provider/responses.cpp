// OpenAI's Responses API: JSON, and a stream of typed events that has no [DONE].
#include "tools/provider/dialects.hpp"
#include "tools/provider/openai.hpp"
#include "tools/provider/schema.hpp"
#include "tools/provider/spoken.hpp"
#include "tools/provider/text.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace sluice::sim {

namespace {

constexpr std::array<rule, 27> request_rules = {{{"model", want::text, true},
                                                 {"input"},
                                                 {"instructions", want::text},
                                                 {"max_output_tokens", want::integer, false, 16},
                                                 {"max_tool_calls", want::integer, false, 1},
                                                 {"temperature", want::number, false, 0, 2},
                                                 {"top_p", want::number, false, 0, 1},
                                                 {"top_logprobs", want::integer, false, 0, 20},
                                                 {"stream", want::boolean},
                                                 {"stream_options", want::object},
                                                 {"tools", want::list},
                                                 {"tool_choice"},
                                                 {"parallel_tool_calls", want::boolean},
                                                 {"store", want::boolean},
                                                 {"metadata", want::object},
                                                 {"previous_response_id", want::text},
                                                 {"conversation"},
                                                 {"prompt", want::object},
                                                 {"reasoning", want::object},
                                                 {"text", want::object},
                                                 {"include", want::texts},
                                                 {"truncation", want::text},
                                                 {"service_tier", want::text},
                                                 {"user", want::text},
                                                 {"safety_identifier", want::text},
                                                 {"prompt_cache_key", want::text},
                                                 {"background", want::boolean}}};

tl::unexpected<api_error> refuse_responses(std::string message, std::string param, std::string code) {
    api_error e;
    e.message = std::move(message);
    e.param = std::move(param);
    e.code = std::move(code);
    return tl::unexpected<api_error>(std::move(e));
}

api_result<void> responses_checked(const json::object& body) {
    const auto found = check_members(body, request_rules);
    if (!found) return {};
    switch (found->kind) {
    case fault::unknown:
        return refuse_responses(
            "Unknown parameter: '" + found->path + "'.", found->path, "unknown_parameter");
    case fault::missing:
        return refuse_responses(
            "Missing required parameter: '" + found->path + "'.", found->path, "missing_required_parameter");
    case fault::type:
        return refuse_responses("Invalid type for '" + found->path + "'.", found->path, "invalid_type");
    case fault::range: break;
    }
    return refuse_responses("Invalid '" + found->path + "': out of range.", found->path, "invalid_value");
}

// The text of an item's content: a string, or its parts.
std::string text_of(const json::object& item) {
    std::string text(text_member(item, "content"));
    const json::array* parts = list_member(item, "content");
    if (parts == nullptr) return text;
    for (const json::value& each : *parts) {
        if (each.is_object()) text += text_member(each.get_object(), "text");
    }
    return text;
}

api_result<void> read_item(const json::value& value, conversation& into) {
    constexpr std::array<std::string_view, 6> types = {
        "", "message", "function_call", "function_call_output", "reasoning", "item_reference"};
    const json::object* item = value.if_object();
    if (item == nullptr) return refuse_responses("Invalid type for 'input[0]'.", "input[0]", "invalid_type");
    const std::string_view type = text_member(*item, "type");
    if (std::find(types.begin(), types.end(), type) == types.end())
        return refuse_responses("Invalid value: 'input[0].type'.", "input[0].type", "invalid_value");
    if (!type.empty() && type != "message") {
        into.said(false, text_member(*item, "output"));
        return {};
    }
    const std::string_view role = text_member(*item, "role");
    if (role != "user" && role != "assistant" && role != "system" && role != "developer")
        return refuse_responses("Invalid value: 'input[0].role'.", "input[0].role", "invalid_value");
    if (member(*item, "content") == nullptr)
        return refuse_responses("Missing required parameter: 'input[0].content'.",
                                "input[0].content",
                                "missing_required_parameter");
    into.said(role == "user", text_of(*item));
    return {};
}

api_result<void> read_input(const json::object& body, call& out) {
    const json::value* input = member(body, "input");
    conversation said(out);
    said.said(false, text_member(body, "instructions"));
    if (input != nullptr && input->is_string()) {
        said.said(true, view(input->get_string()));
    } else if (input != nullptr && input->is_array() && !input->get_array().empty()) {
        for (const json::value& each : input->get_array()) {
            if (auto good = read_item(each, said); !good) return good;
        }
    } else {
        return refuse_responses(
            "Missing required parameter: 'input'.", "input", "missing_required_parameter");
    }
    said.end();
    return {};
}

std::string message_id(const call& c) {
    std::string id = "msg_sim";
    append_hex(id, c.seed);
    return id;
}

std::string part_of(std::string_view text) {
    std::string out = R"({"type":"output_text","annotations":[],"logprobs":[],"text":)";
    append_quoted(out, text);
    return out + '}';
}

// `content` empty: nothing yet.
std::string item_of(const call& c, std::string_view status, std::string_view content) {
    return R"({"id":")" + message_id(c) + R"(","type":"message","status":")" + std::string(status) +
           R"(","content":[)" + std::string(content) + R"(],"role":"assistant"})";
}

// `said` null: nothing yet.
std::string response_of(const call& c, const knobs& k, const generated* said) {
    std::string status = "in_progress";
    if (said != nullptr) status = said->by_length ? "incomplete" : "completed";
    std::string out = R"({"id":"resp_sim)";
    append_hex(out, hash_text(c.model, c.seed));
    out.append(R"(","object":"response","created_at":)").append(created_at);
    out += R"(,"status":")" + status + R"(","error":null,"incomplete_details":)";
    out += status == "incomplete" ? R"({"reason":"max_output_tokens"})" : "null";
    out += R"(,"instructions":null,"max_output_tokens":null,"model":)";
    append_quoted(out, c.model);
    out += R"(,"output":[)";
    if (said != nullptr) out += item_of(c, status, part_of(said->text));
    out += R"(],"parallel_tool_calls":true,"previous_response_id":null,"store":true,"temperature":1.0,)"
           R"("tool_choice":"auto","tools":[],"top_p":1.0,"truncation":"disabled","usage":)";
    if (said == nullptr || k.no_usage) return out + R"(null,"user":null,"metadata":{}})";
    out += R"({"input_tokens":)";
    append_number(out, c.prompt_tokens);
    out += R"(,"input_tokens_details":{"cached_tokens":0,"cache_write_tokens":0},"output_tokens":)";
    append_number(out, said->tokens);
    out += R"(,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":)";
    append_number(out, c.prompt_tokens + said->tokens);
    return out + R"(},"user":null,"metadata":{}})";
}

class response_events final : public spoken {
public:
    response_events(const call& c, const knobs& k, std::vector<generated> choices)
        : spoken(c, k, std::move(choices)) {}

private:
    // `members` begin with a comma.
    std::string data_of(std::string_view type, std::string_view members) {
        std::string data = R"({"type":")" + std::string(type) + R"(","sequence_number":)";
        append_number(data, sequence_++);
        return data.append(members) + "}";
    }
    bool write(std::string& out, std::string_view type, std::string_view members) {
        append_named_event(out, type, data_of(type, members), style());
        return true;
    }
    [[nodiscard]] std::string place() const {
        return R"(,"item_id":")" + message_id(call_) + R"(","output_index":0,"content_index":0)";
    }
    bool before(std::size_t number, std::string& out) override {
        const std::string response = R"(,"response":)" + response_of(call_, knobs_, nullptr);
        switch (number) {
        case 0: return write(out, "response.created", response);
        case 1: return write(out, "response.in_progress", response);
        case 2:
            return write(out,
                         "response.output_item.added",
                         R"(,"output_index":0,"item":)" + item_of(call_, "in_progress", ""));
        case 3: return write(out, "response.content_part.added", place() + R"(,"part":)" + part_of(""));
        default: return false;
        }
    }
    void piece(std::size_t, std::string_view text, std::string& out) override {
        constexpr std::string_view type = "response.output_text.delta";
        std::string members = place() + R"(,"delta":)";
        append_quoted(members, text);
        append_named_event(out, type, spoilt(data_of(type, members + R"(,"logprobs":[])")), style());
    }
    void failure(std::string& out) override {
        write(out, "error", R"(,"code":"server_error","message":"The server had an error.","param":null)");
    }
    bool behind(std::size_t number, std::string& out) override {
        const generated& said = choices_.front();
        const std::string part = part_of(said.text);
        switch (number) {
        case 0: {
            std::string members = place() + R"(,"text":)";
            append_quoted(members, said.text);
            return write(out, "response.output_text.done", members + R"(,"logprobs":[])");
        }
        case 1: return write(out, "response.content_part.done", place() + R"(,"part":)" + part);
        case 2:
            return write(out,
                         "response.output_item.done",
                         R"(,"output_index":0,"item":)" +
                             item_of(call_, said.by_length ? "incomplete" : "completed", part));
        case 3:
            if (knobs_.no_done || knobs_.no_finish) return false;
            return write(out,
                         said.by_length ? "response.incomplete" : "response.completed",
                         R"(,"response":)" + response_of(call_, knobs_, &said));
        default: return false;
        }
    }

    std::uint64_t sequence_ = 0;
};

class responses_dialect final : public dialect {
public:
    explicit responses_dialect(const dialect& chat)
        : chat_(chat) {}

    [[nodiscard]] std::optional<api_error> refuse(const exchange& of) const override {
        return chat_.refuse(of);
    }
    [[nodiscard]] answer error(const api_error& e) const override { return chat_.error(e); }
    [[nodiscard]] api_result<call> read(const exchange& of) const override {
        const auto root = parse_object(of.request.body);
        if (!root || !is_media_type(field_value(of.request, "content-type"), "application/json"))
            return sim::refuse_responses("We could not parse the JSON body of your request.", "", "");
        const json::object& body = root->get_object();
        if (auto good = responses_checked(body); !good) return tl::unexpected<api_error>(good.error());
        call out;
        out.model = text_member(body, "model");
        out.stream = bool_member(body, "stream");
        out.max_tokens = count_member(body, "max_output_tokens");
        if (auto good = read_input(body, out); !good) return tl::unexpected<api_error>(good.error());
        return out;
    }
    [[nodiscard]] answer say(const call& c, const knobs& k, std::vector<generated> choices) const override {
        if (c.stream) return events(std::make_unique<response_events>(c, k, std::move(choices)));
        return json(sized(c, k, std::move(choices), [&c, &k](const std::vector<generated>& all) {
            return response_of(c, k, &all.front());
        }));
    }

private:
    const dialect& chat_; // who asks, and how errors look
};

} // namespace

const dialect& openai_responses() noexcept {
    static const responses_dialect instance(openai_chat());
    return instance;
}

const dialect& azure_responses() noexcept {
    static const responses_dialect instance(azure_chat());
    return instance;
}

} // namespace sluice::sim
