#include "tools/provider/call.hpp"

#include "tools/provider/schema.hpp"
#include "tools/provider/text.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <cctype>

namespace sluice::sim {

namespace {

namespace json = boost::json;

// What the service puts before and after each message and the whole conversation, in tokens.
constexpr std::size_t chat_tokens_per_message = 3;
constexpr std::size_t tokens_per_conversation = 3;

constexpr std::size_t most_choices = 128;
constexpr std::size_t most_inputs = 2048;

tl::unexpected<api_error>
refuse(std::string message, std::string_view param = {}, std::string_view code = {}) {
    api_error e;
    e.message = std::move(message);
    e.param = param;
    e.code = code;
    return tl::unexpected<api_error>(std::move(e));
}

tl::unexpected<api_error> missing(std::string_view name) {
    return refuse(
        "Missing required parameter: '" + std::string(name) + "'.", name, "missing_required_parameter");
}

tl::unexpected<api_error> wrong_type(std::string_view name, std::string_view expected) {
    return refuse("Invalid type for '" + std::string(name) + "': expected " + std::string(expected) + ".",
                  name,
                  "invalid_type");
}

// The given_member, or null when it is absent or a JSON null.
const json::value* given_member(const json::object& object, std::string_view name) {
    const json::value* found = object.if_contains(json::string_view(name.data(), name.size()));
    return found != nullptr && !found->is_null() ? found : nullptr;
}

bool is_json_type(std::string_view content_type) {
    const std::string_view type = content_type.substr(0, content_type.find(';'));
    const std::size_t end = type.find_last_not_of(" \t");
    constexpr std::string_view wanted = "application/json";
    const std::string_view bare = type.substr(0, end == std::string_view::npos ? 0 : end + 1);
    return std::equal(bare.begin(), bare.end(), wanted.begin(), wanted.end(), [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) == b;
    });
}

api_result<std::optional<std::size_t>>
whole_number(const json::object& object, std::string_view name, std::size_t most) {
    const json::value* found = given_member(object, name);
    if (found == nullptr) return std::nullopt;
    const std::int64_t* number = found->if_int64();
    if (number == nullptr) return wrong_type(name, "an integer");
    if (*number < 1 || static_cast<std::uint64_t>(*number) > most)
        return refuse("Invalid '" + std::string(name) + "': expected a value between 1 and " +
                          std::to_string(most) + ", but got " + std::to_string(*number) + " instead.",
                      name,
                      *number < 1 ? "integer_below_min_value" : "integer_above_max_value");
    return static_cast<std::size_t>(*number);
}

api_result<bool> boolean(const json::object& object, std::string_view name) {
    const json::value* found = given_member(object, name);
    if (found == nullptr) return false;
    if (!found->is_bool()) return wrong_type(name, "a boolean");
    return found->get_bool();
}

api_result<void> check_range(const json::object& object, std::string_view name, double least, double most) {
    const json::value* found = given_member(object, name);
    if (found == nullptr) return {};
    if (!found->is_number()) return wrong_type(name, "a decimal");
    json::error_code ec;
    const double number = found->to_number<double>(ec);
    if (ec || number < least || number > most)
        return refuse(
            "Invalid '" + std::string(name) + "': decimal out of range.", name, "decimal_out_of_range");
    return {};
}

// Models that know max_completion_tokens only.
bool is_reasoning(std::string_view model) {
    constexpr std::array<std::string_view, 4> families{"o1", "o3", "o4", "gpt-5"};
    if (model.starts_with("gpt-5-chat")) return false;
    return std::any_of(families.begin(), families.end(), [model](std::string_view family) {
        return model.starts_with(family);
    });
}

// Text of one message: a string, or the text parts of a list.
std::string text_of(const json::value& content) {
    if (const json::string* text = content.if_string()) return std::string(view(*text));
    std::string joined;
    const json::array* parts = content.if_array();
    if (parts == nullptr) return joined;
    for (const json::value& part : *parts) {
        const json::object* object = part.if_object();
        const json::value* text = object == nullptr ? nullptr : given_member(*object, "text");
        if (text != nullptr && text->is_string()) joined += view(text->get_string());
    }
    return joined;
}

api_result<void> read_messages(const json::object& body, call& out) {
    const json::value* found = given_member(body, "messages");
    if (found == nullptr) return missing("messages");
    const json::array* messages = found->if_array();
    if (messages == nullptr) return wrong_type("messages", "an array of objects");
    if (messages->empty())
        return refuse(
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty "
            "array instead.",
            "messages",
            "empty_array");
    std::string last_user;
    std::string last;
    bool user_seen = false;
    out.prompt_tokens = tokens_per_conversation;
    for (const json::value& item : *messages) {
        const json::object* message = item.if_object();
        if (message == nullptr) return wrong_type("messages", "an array of objects");
        const json::value* role = given_member(*message, "role");
        if (role == nullptr || !role->is_string()) return missing("messages[].role");
        const json::value* content = given_member(*message, "content");
        last = content == nullptr ? std::string() : text_of(*content);
        out.prompt_tokens += chat_tokens_per_message + count_tokens(last);
        out.seed = hash_text(last, out.seed);
        if (view(role->get_string()) != "user") continue;
        user_seen = true;
        last_user = last;
    }
    out.inputs.push_back(user_seen ? std::move(last_user) : std::move(last));
    return {};
}

void add_input(call& out, std::string text, std::size_t tokens) {
    out.prompt_tokens += tokens;
    out.seed = hash_text(text, out.seed);
    out.inputs.push_back(std::move(text));
}

// A list of token ids stands for the text "1 2 3".
api_result<void> add_token_ids(const json::array& ids, std::string_view name, call& out) {
    std::string text;
    for (const json::value& id : ids) {
        if (!id.is_int64() || id.get_int64() < 0) return wrong_type(name, "a text, texts or token ids");
        if (!text.empty()) text += ' ';
        append_number(text, static_cast<std::uint64_t>(id.get_int64()));
    }
    add_input(out, std::move(text), ids.size());
    return {};
}

// `prompt` and `input`: a text, a list of texts, token ids, or a list of lists of token ids.
api_result<void> read_texts(const json::object& body, std::string_view name, call& out) {
    const json::value* found = given_member(body, name);
    if (found == nullptr) return missing(name);
    if (const json::string* text = found->if_string()) {
        add_input(out, std::string(view(*text)), count_tokens(view(*text)));
        return {};
    }
    const json::array* list = found->if_array();
    if (list == nullptr) return wrong_type(name, "a text, texts or token ids");
    if (list->empty() || list->size() > most_inputs * 16)
        return refuse(
            "Invalid '" + std::string(name) + "': the array is empty or too long.", name, "empty_array");
    if (list->front().is_int64()) return add_token_ids(*list, name, out);
    if (list->size() > most_inputs) return refuse("'" + std::string(name) + "' has too many items.", name);
    for (const json::value& item : *list) {
        if (const json::string* text = item.if_string()) {
            add_input(out, std::string(view(*text)), count_tokens(view(*text)));
        } else if (const json::array* ids = item.if_array()) {
            if (auto added = add_token_ids(*ids, name, out); !added) return added;
        } else {
            return wrong_type(name, "a text, texts or token ids");
        }
    }
    return {};
}

api_result<void> read_stream_options(const json::object& body, call& out) {
    const json::value* found = given_member(body, "stream_options");
    if (found == nullptr) return {};
    if (!out.stream)
        return refuse("The 'stream_options' parameter is only allowed when 'stream' is enabled.",
                      "stream_options");
    const json::object* options = found->if_object();
    if (options == nullptr) return wrong_type("stream_options", "an object");
    auto usage = boolean(*options, "include_usage");
    if (!usage) return tl::unexpected<api_error>(usage.error());
    out.include_usage = *usage;
    return {};
}

api_result<void> read_generation(const json::object& body, call& out) {
    auto stream = boolean(body, "stream");
    if (!stream) return tl::unexpected<api_error>(stream.error());
    out.stream = *stream;
    if (auto options = read_stream_options(body, out); !options) return options;

    auto choices = whole_number(body, "n", most_choices);
    if (!choices) return tl::unexpected<api_error>(choices.error());
    out.choices = choices->value_or(1);

    constexpr std::size_t most_tokens = 1'000'000;
    auto max_tokens = whole_number(body, "max_tokens", most_tokens);
    if (!max_tokens) return tl::unexpected<api_error>(max_tokens.error());
    if (*max_tokens && out.task == task_kind::chat && is_reasoning(out.model))
        return refuse("Unsupported parameter: 'max_tokens' is not supported with this model. Use "
                      "'max_completion_tokens' instead.",
                      "max_tokens",
                      "unsupported_parameter");
    auto completion_tokens = whole_number(body, "max_completion_tokens", most_tokens);
    if (!completion_tokens) return tl::unexpected<api_error>(completion_tokens.error());
    out.max_tokens = *completion_tokens ? *completion_tokens : *max_tokens;

    if (auto checked = check_range(body, "temperature", 0, 2); !checked) return checked;
    return check_range(body, "top_p", 0, 1);
}

api_result<void> read_embedding_options(const json::object& body, call& out) {
    constexpr std::size_t most_dimensions = 8192;
    auto dimensions = whole_number(body, "dimensions", most_dimensions);
    if (!dimensions) return tl::unexpected<api_error>(dimensions.error());
    out.dimensions = *dimensions;
    const json::value* format = given_member(body, "encoding_format");
    if (format == nullptr) return {};
    const std::string_view name = format->is_string() ? view(format->get_string()) : std::string_view();
    if (name != "float" && name != "base64")
        return refuse(
            "Invalid 'encoding_format': expected 'float' or 'base64'.", "encoding_format", "invalid_value");
    out.base64 = name == "base64";
    return {};
}

api_result<void> read_model(const json::object& body, std::string_view deployment, call& out) {
    out.model = deployment;
    if (!deployment.empty()) return {};
    const json::value* model = given_member(body, "model");
    if (model == nullptr) return refuse("you must provide a model parameter");
    if (!model->is_string()) return wrong_type("model", "a string");
    out.model = view(model->get_string());
    if (out.model.empty()) return refuse("you must provide a model parameter");
    return {};
}

api_result<void> read_task(const json::object& body, call& out) {
    if (out.task == task_kind::embeddings) {
        if (auto read = read_embedding_options(body, out); !read) return read;
        return read_texts(body, "input", out);
    }
    if (auto read = read_generation(body, out); !read) return read;
    return out.task == task_kind::chat ? read_messages(body, out) : read_texts(body, "prompt", out);
}

} // namespace

api_result<call>
read_call(task_kind task, std::string_view deployment, std::string_view content_type, std::string_view body) {
    if (!is_json_type(content_type))
        return refuse("Unsupported content type: '" + std::string(content_type.substr(0, 100)) +
                          "'. This API method only accepts 'application/json' requests.",
                      {},
                      "unsupported_content_type");
    std::array<unsigned char, 4096>
        first_block; // NOLINT(cppcoreguidelines-pro-type-given_member-init): scratch memory
    json::monotonic_resource memory(first_block.data(), first_block.size());
    json::parse_options options;
    options.max_depth = 128;
    json::error_code ec;
    const json::value root = json::parse(json::string_view(body.data(), body.size()), ec, &memory, options);
    if (ec || !root.is_object())
        return refuse("We could not parse the JSON body of your request. The OpenAI API expects a JSON "
                      "payload, but what "
                      "was sent was not a valid JSON object.");
    call out;
    out.task = task;
    if (auto read = read_model(root.get_object(), deployment, out); !read)
        return tl::unexpected<api_error>(read.error());
    if (auto read = read_task(root.get_object(), out); !read) return tl::unexpected<api_error>(read.error());
    return out;
}

} // namespace sluice::sim
