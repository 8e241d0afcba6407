#include "tools/provider/anthropic.hpp"
#include "tools/provider/schema.hpp"
#include "tools/provider/text.hpp"
#include "tools/provider/thinking.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <span>

namespace sluice::sim::anthropic {

namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 19> request_members = {"model",
                                                              "messages",
                                                              "max_tokens",
                                                              "system",
                                                              "stop_sequences",
                                                              "stream",
                                                              "temperature",
                                                              "top_p",
                                                              "top_k",
                                                              "tools",
                                                              "tool_choice",
                                                              "metadata",
                                                              "thinking",
                                                              "output_config",
                                                              "service_tier",
                                                              "container",
                                                              "mcp_servers",
                                                              "context_management",
                                                              "cache_control"};
constexpr std::array<std::string_view, 7> block_types = {
    "text", "image", "document", "tool_use", "tool_result", "thinking", "redacted_thinking"};
// Models that take no sampling settings, as far as tests name them.
constexpr std::array<std::string_view, 2> without_sampling = {"opus-4-7", "opus-4-8"};

tl::unexpected<api_error> refuse_anthropic(std::string message) {
    api_error e;
    e.message = std::move(message);
    return tl::unexpected<api_error>(std::move(e));
}

const json::value* member(const json::object& object, std::string_view name) {
    return object.if_contains(json::string_view(name.data(), name.size()));
}

std::string_view text_member(const json::object& object, std::string_view name) {
    const json::value* found = member(object, name);
    return found != nullptr && found->is_string() ? view(found->get_string()) : std::string_view();
}

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

bool has(std::span<const std::string_view> names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_call_id(std::string_view id) {
    return !id.empty() && std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-';
    });
}

// Reads the turns one after the other.
class history {
public:
    explicit history(call& out)
        : out_(out) {}

    api_result<void> turn(const json::value& item);
    api_result<void> end() const;
    [[nodiscard]] bool calls_without_thinking() const noexcept { return thinking_.is_broken(); }

private:
    api_result<void> blocks(const json::array& list, bool is_user);
    api_result<void> block(const json::object& one, bool is_user);
    static api_result<void> thought(const json::object& one);

    call& out_;
    std::set<std::string, std::less<>> open_calls_; // of the turn before
    std::set<std::string, std::less<>> new_calls_;
    std::string text_; // of this turn
    bool last_is_user_ = true;
    thinking::rule thinking_;
};

api_result<void> history::thought(const json::object& one) {
    if (text_member(one, "type") == "redacted_thinking") {
        if (thinking::is_redacted(text_member(one, "data"))) return {};
        return refuse_anthropic("messages.0.content.0: Invalid `data` in `redacted_thinking` block");
    }
    if (thinking::is_signed(text_member(one, "thinking"), text_member(one, "signature"))) return {};
    return refuse_anthropic("messages.0.content.0: Invalid `signature` in `thinking` block");
}

api_result<void> history::block(const json::object& one, bool is_user) {
    const std::string_view type = text_member(one, "type");
    if (!has(block_types, type)) return refuse_anthropic("messages.0.content.0: unknown content block type");
    if (type == "text") {
        const std::string_view text = text_member(one, "text");
        if (text.empty()) return refuse_anthropic("messages: text content blocks must be non-empty");
        text_ += text;
    } else if (type == "thinking" || type == "redacted_thinking") {
        return thought(one);
    } else if (type == "tool_use") {
        const json::value* input = member(one, "input");
        if (is_user || !is_call_id(text_member(one, "id")) || input == nullptr || !input->is_object())
            return refuse_anthropic("messages.0.content.0.tool_use: malformed");
        new_calls_.emplace(text_member(one, "id"));
    } else if (type == "tool_result") {
        if (open_calls_.erase(std::string(text_member(one, "tool_use_id"))) == 0 || !text_.empty())
            return refuse_anthropic("messages: unexpected `tool_use_id` found in `tool_result` blocks");
    } else if (type == "image" || type == "document") {
        const json::value* source = member(one, "source");
        if (source == nullptr || !source->is_object())
            return refuse_anthropic("messages.0.content.0.source: Field required");
        const std::string_view kind = text_member(source->get_object(), "type");
        const bool good =
            kind == "url" || (kind == "base64" && !text_member(source->get_object(), "data").empty());
        if (!good) return refuse_anthropic("messages.0.content.0.source: malformed");
    }
    return {};
}

api_result<void> history::blocks(const json::array& list, bool is_user) {
    if (list.empty()) return refuse_anthropic("messages: all messages must have non-empty content");
    for (const json::value& item : list) {
        if (!item.is_object()) return refuse_anthropic("messages.0.content: Input should be a valid list");
        if (auto good = block(item.get_object(), is_user); !good) return good;
    }
    return {};
}

api_result<void> history::turn(const json::value& item) {
    const json::object* message = item.if_object();
    if (message == nullptr) return refuse_anthropic("messages.0: Input should be a valid dictionary");
    for (const auto& each : *message) {
        if (each.key() != "role" && each.key() != "content")
            return refuse_anthropic("messages.0." + std::string(each.key()) +
                                    ": Extra inputs are not permitted");
    }
    const std::string_view role = text_member(*message, "role");
    if (role != "user" && role != "assistant")
        return refuse_anthropic("messages: Unexpected role. Allowed roles are \"user\" or \"assistant\"");
    last_is_user_ = role == "user";
    text_.clear();
    new_calls_.clear();
    const json::value* content = member(*message, "content");
    if (content != nullptr && content->is_string()) {
        text_ = view(content->get_string());
        if (text_.empty()) return refuse_anthropic("messages: all messages must have non-empty content");
    } else if (content != nullptr && content->is_array()) {
        if (auto good = blocks(content->get_array(), last_is_user_); !good) return good;
    } else {
        return refuse_anthropic("messages.0.content: Input should be a valid list");
    }
    if (!open_calls_.empty())
        return refuse_anthropic(
            "messages: `tool_use` ids were found without `tool_result` blocks immediately after");
    if (last_is_user_) {
        thinking_.user(!text_.empty());
    } else {
        const json::array* list = content->if_array();
        const std::string_view first =
            list == nullptr ? "text" : text_member(list->front().get_object(), "type");
        thinking_.assistant(first == "thinking" || first == "redacted_thinking", !new_calls_.empty());
    }
    open_calls_.swap(new_calls_);
    out_.prompt_tokens += 3 + count_tokens(text_);
    out_.seed = hash_text(text_, out_.seed);
    if (last_is_user_) out_.inputs.assign(1, text_);
    return {};
}

api_result<void> history::end() const {
    if (!open_calls_.empty())
        return refuse_anthropic(
            "messages: `tool_use` ids were found without `tool_result` blocks immediately after");
    if (!last_is_user_ && !text_.empty() && is_blank(std::string_view(text_).substr(text_.size() - 1)))
        return refuse_anthropic("messages: final assistant content cannot end with trailing whitespace");
    return {};
}

// With a budget for thinking.
bool has_budget(const json::object& body) {
    const json::value* thinking = member(body, "thinking");
    return thinking != nullptr && thinking->is_object() &&
           text_member(thinking->get_object(), "type") == "enabled";
}

api_result<void> read_messages(const json::object& body, call& out) {
    const json::value* found = member(body, "messages");
    const json::array* messages = found == nullptr ? nullptr : found->if_array();
    if (messages == nullptr) return refuse_anthropic("messages: Field required");
    if (messages->empty()) return refuse_anthropic("messages: at least one message is required");
    history turns(out);
    for (const json::value& item : *messages) {
        if (auto good = turns.turn(item); !good) return good;
    }
    if (out.inputs.empty()) out.inputs.emplace_back();
    if (has_budget(body) && turns.calls_without_thinking()) {
        return refuse_anthropic(
            "messages.0.content.0.type: Expected `thinking` or `redacted_thinking`, but found "
            "`tool_use`.");
    }
    return turns.end();
}

api_result<void> check_numbers(const json::object& body, call& out) {
    const json::value* limit = member(body, "max_tokens");
    if (limit == nullptr) return refuse_anthropic("max_tokens: Field required");
    if (!limit->is_int64() || limit->get_int64() < 1)
        return refuse_anthropic("max_tokens: Input should be greater than or equal to 1");
    out.max_tokens = static_cast<std::size_t>(limit->get_int64());
    for (const std::string_view name : {"temperature", "top_p"}) {
        const json::value* found = member(body, name);
        if (found == nullptr) continue;
        json::error_code ec;
        const double number = found->is_number() ? found->to_number<double>(ec) : -1;
        if (ec || number < 0 || number > 1) return refuse_anthropic(std::string(name) + ": range: 0..1");
        const bool refuses =
            std::any_of(without_sampling.begin(), without_sampling.end(), [&](std::string_view part) {
                return out.model.find(part) != std::string::npos;
            });
        if (refuses && number != 1)
            return refuse_anthropic(std::string(name) + ": not supported for this model");
    }
    return {};
}

api_result<void> check_others(const json::object& body, const call& c) {
    if (const json::value* stops = member(body, "stop_sequences")) {
        if (!stops->is_array()) return refuse_anthropic("stop_sequences: Input should be a valid list");
        for (const json::value& each : stops->get_array()) {
            if (!each.is_string() || is_blank(view(each.get_string())))
                return refuse_anthropic("stop_sequences: each stop sequence must contain non-whitespace");
        }
    }
    if (const json::value* system = member(body, "system")) {
        if (!system->is_string() && !system->is_array())
            return refuse_anthropic("system: Input should be a valid string");
    }
    if (const json::value* tools = member(body, "tools")) {
        if (!tools->is_array()) return refuse_anthropic("tools: Input should be a valid list");
        for (const json::value& each : tools->get_array()) {
            const json::object* tool = each.if_object();
            const json::value* schema = tool == nullptr ? nullptr : member(*tool, "input_schema");
            const bool good = schema != nullptr && schema->is_object() &&
                              text_member(schema->get_object(), "type") == "object" &&
                              !text_member(*tool, "name").empty();
            if (!good) return refuse_anthropic("tools.0.custom.input_schema.type: Field required");
        }
    } else if (member(body, "tool_choice") != nullptr) {
        return refuse_anthropic("tool_choice: may only be specified while providing tools");
    }
    const json::value* thinking = member(body, "thinking");
    if (thinking == nullptr || !thinking->is_object()) return {};
    const json::value* budget = member(thinking->get_object(), "budget_tokens");
    if (!has_budget(body)) return {};
    const bool good = budget != nullptr && budget->is_int64() && budget->get_int64() >= 1024 &&
                      static_cast<std::size_t>(budget->get_int64()) < c.max_tokens.value_or(0);
    if (!good)
        return refuse_anthropic(
            "thinking.enabled.budget_tokens: must be at least 1024 and less than max_tokens");
    if (member(body, "temperature") != nullptr || member(body, "top_k") != nullptr)
        return refuse_anthropic("temperature: may only be set to 1 when thinking is enabled");
    return {};
}

api_result<call> read_request(const json::object& request) {
    for (const auto& each : request) {
        if (!has(request_members, {each.key().data(), each.key().size()}))
            return refuse_anthropic(std::string(each.key()) + ": Extra inputs are not permitted");
    }
    call out;
    out.task = task_kind::chat;
    out.model = text_member(request, "model");
    if (out.model.empty()) return refuse_anthropic("model: Field required");
    if (const json::value* stream = member(request, "stream")) {
        if (!stream->is_bool()) return refuse_anthropic("stream: Input should be a valid boolean");
        out.stream = stream->get_bool();
    }
    if (auto good = check_numbers(request, out); !good) return tl::unexpected<api_error>(good.error());
    if (auto good = read_messages(request, out); !good) return tl::unexpected<api_error>(good.error());
    if (auto good = check_others(request, out); !good) return tl::unexpected<api_error>(good.error());
    const json::value* thinking = member(request, "thinking");
    out.thinks = has_budget(request) || (thinking != nullptr && thinking->is_object() &&
                                         text_member(thinking->get_object(), "type") == "adaptive");
    return out;
}

api_result<json::value> parse_body(std::string_view content_type, std::string_view body) {
    if (!content_type.starts_with("application/json"))
        return refuse_anthropic("content-type: must be application/json");
    json::parse_options options;
    options.max_depth = 128;
    json::error_code ec;
    json::value root = json::parse(json::string_view(body.data(), body.size()), ec, {}, options);
    if (ec || !root.is_object()) return refuse_anthropic("The request body is not valid JSON");
    return root;
}

constexpr std::string_view first_version = "2023-06-01";
constexpr std::string_view second_version = "2026-10-21";

} // namespace

std::optional<api_error>
refuse_fields(std::string_view sent_key, std::string_view sent_version, std::string_view api_key) {
    api_error e;
    if (sent_key.empty() || (!api_key.empty() && sent_key != api_key)) {
        e.status = 401;
        e.message = sent_key.empty() ? "x-api-key header is required" : "invalid x-api-key";
        return e;
    }
    if (sent_version == first_version || sent_version == second_version) return std::nullopt;
    e.message = sent_version.empty()
                    ? "anthropic-version: header is required"
                    : "anthropic-version: \"" + std::string(sent_version) + "\" is not a valid version";
    return e;
}

api_result<call> read_call(std::string_view content_type, std::string_view body, std::string_view version) {
    const auto root = parse_body(content_type, body);
    if (!root) return tl::unexpected<api_error>(root.error());
    for (const std::string_view name : {"temperature", "top_p", "top_k"}) {
        if (version == second_version && member(root->get_object(), name) != nullptr)
            return refuse_anthropic(std::string(name) + ": Extra inputs are not permitted");
    }
    return read_request(root->get_object());
}

api_result<call> read_hosted_call(std::string_view content_type, std::string_view body, const hosted& by) {
    auto root = parse_body(content_type, body);
    if (!root) return tl::unexpected<api_error>(root.error());
    json::object& request = root->get_object();
    if (text_member(request, "anthropic_version") != by.version)
        return refuse_anthropic("anthropic_version: must be \"" + std::string(by.version) + "\"");
    if (member(request, "model") != nullptr) return refuse_anthropic("model: Extra inputs are not permitted");
    if (member(request, "stream") != nullptr && !by.takes_stream)
        return refuse_anthropic("stream: Extra inputs are not permitted");
    request.erase("anthropic_version");
    request["model"] = json::string_view(by.model.data(), by.model.size());
    return read_request(request);
}

api_result<call> read_count_call(std::string_view content_type, std::string_view body) {
    auto root = parse_body(content_type, body);
    if (!root) return tl::unexpected<api_error>(root.error());
    json::object& request = root->get_object();
    for (const std::string_view name :
         {"max_tokens", "stream", "temperature", "top_p", "top_k", "stop_sequences", "metadata"}) {
        if (member(request, name) != nullptr)
            return refuse_anthropic(std::string(name) + ": Extra inputs are not permitted");
    }
    request["max_tokens"] = 1'000'000; // more than any thinking
    return read_request(request);
}

} // namespace sluice::sim::anthropic
