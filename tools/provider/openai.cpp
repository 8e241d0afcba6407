#include "tools/provider/openai.hpp"

#include "tools/provider/embeddings.hpp"
#include "tools/provider/text.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace sluice::sim {

namespace {

void append_text_or_null(std::string& out, std::string_view text) {
    if (text.empty())
        out += "null";
    else
        append_quoted(out, text);
}

void append_choice(
    std::string& out, const call& c, const knobs& k, const generated& choice, std::size_t index) {
    out += R"({"index":)";
    append_number(out, index);
    if (c.task == task_kind::chat) {
        out += R"(,"message":{"role":"assistant","content":)";
        append_quoted(out, choice.text);
        out += R"(,"refusal":null})";
    } else {
        out += R"(,"text":)";
        append_quoted(out, choice.text);
    }
    out += R"(,"logprobs":null,"finish_reason":)";
    out += k.no_finish ? "null}" : choice.by_length ? R"("length"})" : R"("stop"})";
}

std::string plain_body(const call& c, const knobs& k, const std::vector<generated>& choices) {
    std::string out;
    out.reserve(640 + (choices.empty() ? 0 : choices.front().text.size() + choices.front().text.size() / 16));
    out += R"({"id":")";
    out += completion_id(c);
    out += c.task == task_kind::chat ? R"(","object":"chat.completion","created":)"
                                     : R"(","object":"text_completion","created":)";
    out += created_at;
    out += R"(,"model":)";
    append_quoted(out, c.model);
    out += R"(,"choices":[)";
    for (std::size_t i = 0; i < choices.size(); ++i) {
        if (i > 0) out += ',';
        append_choice(out, c, k, choices[i], i);
    }
    out += ']';
    if (!k.no_usage) {
        out += R"(,"usage":)";
        out += usage_json(c, choices, !k.body_bytes);
    }
    out += R"(,"system_fingerprint":")";
    out += fingerprint;
    out += R"("})";
    return out;
}

// The token counts in the body depend on the length of the text: a few rounds find the text that fits.
std::string sized_body(const call& c, const knobs& k, std::vector<generated> choices, std::size_t wanted) {
    constexpr int most_rounds = 4;
    generated& first = choices.front();
    first.by_length = false;
    first.text.clear();
    first.tokens = wanted / 6;
    std::string body = plain_body(c, k, choices);
    for (int round = 0; round < most_rounds && body.size() != wanted; ++round) {
        const std::size_t overhead = body.size() - first.text.size();
        first.text = filler_text(c.seed, wanted > overhead ? wanted - overhead : 0);
        first.tokens = count_tokens(first.text);
        body = plain_body(c, k, choices);
        if (wanted <= overhead) break;
    }
    return body;
}

} // namespace

std::string completion_id(const call& c) {
    std::string id = c.task == task_kind::chat ? "chatcmpl-sim" : "cmpl-sim";
    append_hex(id, hash_text(c.model, c.seed));
    return id;
}

std::string usage_json(const call& c, const std::vector<generated>& choices, bool details) {
    const std::size_t completion = std::transform_reduce(
        choices.begin(), choices.end(), std::size_t{0}, std::plus<>(), [](const generated& g) {
            return g.tokens;
        });
    std::string out = R"({"prompt_tokens":)";
    append_number(out, c.prompt_tokens);
    out += R"(,"completion_tokens":)";
    append_number(out, completion);
    out += R"(,"total_tokens":)";
    append_number(out, c.prompt_tokens + completion);
    if (details)
        out +=
            R"(,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0})";
    out += '}';
    return out;
}

std::string error_body(const api_error& e) {
    std::string out = R"({"error":{"message":)";
    append_quoted(out, e.message);
    out += R"(,"type":)";
    append_quoted(out, e.type);
    out += R"(,"param":)";
    append_text_or_null(out, e.param);
    out += R"(,"code":)";
    append_text_or_null(out, e.code);
    out += "}}";
    return out;
}

api_error simulated_error(int status) {
    api_error e;
    e.status = status;
    e.message = "This is the simulated error " + std::to_string(status) + ".";
    switch (status) {
    case 401: e.code = "invalid_api_key"; break;
    case 404: e.code = "model_not_found"; break;
    case 429:
        e.type = "requests";
        e.code = "rate_limit_exceeded";
        break;
    default:
        if (status >= 500) e.type = "server_error";
    }
    return e;
}

api_error missing_key() {
    api_error e;
    e.status = 401;
    e.message = "You didn't provide an API key. You need to provide your API key in an Authorization header "
                "using Bearer "
                "auth (i.e. Authorization: Bearer YOUR_KEY).";
    return e;
}

api_error wrong_key(std::string_view key) {
    constexpr std::size_t shown_first = 8;
    constexpr std::size_t shown_last = 4;
    std::string masked;
    for (std::size_t i = 0; i < std::min<std::size_t>(key.size(), 200); ++i) {
        const bool shown = key.size() > 2 * shown_first && (i < shown_first || i + shown_last >= key.size());
        const bool printable = key[i] > ' ' && key[i] <= '~';
        masked += shown && printable ? key[i] : '*';
    }
    api_error e;
    e.status = 401;
    e.message = "Incorrect API key provided: " + masked +
                ". You can find your API key at https://platform.openai.com/account/api-keys.";
    e.code = "invalid_api_key";
    return e;
}

std::string completion_body(const call& c, const knobs& k, std::vector<generated> choices) {
    if (k.body_bytes && k.echo == echo_kind::none && !k.big_kib)
        return sized_body(c, k, std::move(choices), *k.body_bytes);
    return plain_body(c, k, choices);
}

api_result<std::string> embeddings_body(const call& c, const knobs& k) {
    if (c.dimensions && c.model.starts_with("text-embedding-ada-002")) {
        api_error e;
        e.message = "This model does not support specifying dimensions.";
        return tl::unexpected<api_error>(std::move(e));
    }
    const std::size_t dimensions = c.dimensions.value_or(k.floats.value_or(default_dimensions(c.model)));
    std::string out = R"({"object":"list","data":[)";
    for (std::size_t i = 0; i < c.inputs.size(); ++i) {
        out += i > 0 ? R"(,{"object":"embedding","index":)" : R"({"object":"embedding","index":)";
        append_number(out, i);
        out += R"(,"embedding":)";
        const std::vector<float> vector = embedding_of(c.inputs[i], dimensions);
        if (c.base64)
            append_floats_base64(out, vector);
        else
            append_floats(out, vector);
        out += '}';
    }
    out += R"(],"model":)";
    append_quoted(out, c.model);
    if (!k.no_usage) {
        out += R"(,"usage":{"prompt_tokens":)";
        append_number(out, c.prompt_tokens);
        out += R"(,"total_tokens":)";
        append_number(out, c.prompt_tokens);
        out += '}';
    }
    out += '}';
    return out;
}

std::string models_body() {
    constexpr std::array<std::string_view, 6> names{
        "gpt-4o", "gpt-4o-mini", "gpt-3.5-turbo-instruct", "text-embedding-3-small", "echo", "echo-request"};
    std::string out = R"({"object":"list","data":[)";
    for (std::size_t i = 0; i < names.size(); ++i) {
        out += i > 0 ? R"(,{"id":)" : R"({"id":)";
        append_quoted(out, names[i]);
        out += R"(,"object":"model","created":1760000000,"owned_by":"sluice"})";
    }
    out += "]}";
    return out;
}

} // namespace sluice::sim
