#include "providers/neutral.hpp"

#include "providers/neutral_parts.hpp"
#include "providers/sentence.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace sluice::providers::neutral {

namespace {

// Members that every provider takes or that the gateway takes out: never listed as dropped.
constexpr std::array<std::string_view, 9> always_taken = {"model",
                                                          "stream",
                                                          "messages",
                                                          "prompt",
                                                          "input",
                                                          "extra_params",
                                                          "client_request_id",
                                                          "usage_context",
                                                          "stream_options"};

result<void>
read_texts(slices::node value, std::string_view where, request& out, std::vector<std::string_view>& into) {
    if (!value) return {};
    if (const auto one = value.text(out.texts)) {
        into.push_back(*one);
        return {};
    }
    if (!value.is(walk::kind::array))
        return bad(sentence({"'", where, "' must be a text or a list of texts."}));
    for (const slices::node each : value.items()) {
        const auto one = each.text(out.texts);
        if (!one) return bad(sentence({"'", where, "' must be a text or a list of texts."}));
        into.push_back(*one);
    }
    return {};
}

std::optional<number> number_of(slices::node value) {
    const auto read = value.number();
    if (!read) return std::nullopt;
    return number{*read, value.raw()};
}

// unified::parse has checked the types and ranges of these.
void read_sampling(request& out) {
    const slices::node root = out.tree.root();
    out.temperature = number_of(root["temperature"]);
    out.top_p = number_of(root["top_p"]);
    out.presence_penalty = number_of(root["presence_penalty"]);
    out.frequency_penalty = number_of(root["frequency_penalty"]);
    out.top_k = root["top_k"].integer();
    out.n = root["n"].integer();
    out.max_tokens = root["max_completion_tokens"] ? root["max_completion_tokens"].integer()
                                                   : root["max_tokens"].integer();
}

result<void> read_others(request& out) {
    const slices::node root = out.tree.root();
    for (const auto& [name, into] :
         {std::pair{"seed", &out.seed}, std::pair{"dimensions", &out.dimensions}}) {
        const slices::node value = root[name];
        *into = value.integer();
        if (value && !*into) return bad(sentence({"'", name, "' must be an integer."}));
    }
    auto user = text_of(root["user"], "user", out);
    if (!user) return fail(std::move(user).error());
    out.user = *user;
    // In completions it is a count.
    out.logprobs = root["logprobs"].boolean().value_or(false);
    auto coding = text_of(root["encoding_format"], "encoding_format", out);
    if (!coding) return fail(std::move(coding).error());
    if (!coding->empty() && *coding != "float" && *coding != "base64")
        return bad("'encoding_format' must be float or base64.");
    out.base64 = *coding == "base64";
    return read_texts(root["stop"], "stop", out, out.stop);
}

// What no translated provider can do.
result<void> refuse_impossible(const dialect& of, const request& in) {
    const slices::node root = in.tree.root();
    if (!of.takes_n && in.n.value_or(1) > 1) return fail(must_be_one("n", of));
    for (const slices::node each : root["modalities"].items()) {
        if (each.raw() != R"("text")") return fail(not_supported("modalities", of));
    }
    if (in.kind != task::completions) return {};
    const slices::node suffix = root["suffix"];
    if (suffix && suffix.raw() != R"("")") return fail(not_supported("suffix", of));
    if (root["echo"].boolean().value_or(false)) return fail(not_supported("echo", of));
    if (root["best_of"] && root["best_of"].count() != 1) return fail(must_be_one("best_of", of));
    if (root["logprobs"] && root["logprobs"].raw() != "false") return fail(not_supported("logprobs", of));
    return {};
}

void list_dropped(const dialect& of, request& out) {
    for (const slices::node each : out.tree.root().items()) {
        if (each.is_null()) continue;
        const auto is_name = [&each](std::string_view name) { return name == each.key(); };
        if (std::any_of(always_taken.begin(), always_taken.end(), is_name)) continue;
        if (std::any_of(of.takes.begin(), of.takes.end(), is_name)) continue;
        out.dropped.push_back(each.key());
    }
}

} // namespace

tl::unexpected<error> bad(std::string text) {
    return fail(errc::bad_request, std::move(text));
}

result<std::string_view> text_of(slices::node value, std::string_view where, request& out) {
    if (!value) return std::string_view();
    if (const auto text = value.text(out.texts)) return *text;
    return bad(sentence({"'", where, "' must be a text."}));
}

std::string indexed(std::string_view list, std::size_t index, std::string_view member) {
    return sentence({list, "[", std::to_string(index), "]", member});
}

error must_be_one(std::string_view parameter, const dialect& of) {
    return error{errc::bad_request,
                 sentence({"Parameter ", parameter, " must be 1 for provider ", of.provider, "."})};
}

error not_supported(std::string_view parameter, const dialect& of) {
    return error{errc::bad_request,
                 sentence({"Parameter ", parameter, " is not supported for provider ", of.provider, "."})};
}

bool thinks_before_calls(const request& of) noexcept {
    std::size_t at = of.turns.size();
    while (at > 0 && of.turns[at - 1].calls.empty())
        --at;
    const turn* first = nullptr;
    for (; at > 0 && of.turns[at - 1].from != speaker::user; --at) {
        if (of.turns[at - 1].from == speaker::assistant) first = &of.turns[at - 1];
    }
    return first == nullptr || !first->thoughts.empty();
}

result<void> read(const unified::call& call, const dialect& of, request& out) {
    out.kind = call.kind;
    out.stream = call.stream;
    out.include_usage = call.include_usage;
    if (auto good = out.tree.read(call.body, author::client); !good) return good;
    const slices::node root = out.tree.root();
    read_sampling(out);
    if (auto good = read_others(out); !good) return good;
    if (auto good = refuse_impossible(of, out); !good) return good;
    list_dropped(of, out);
    switch (call.kind) {
    case task::completions: return read_texts(root["prompt"], "prompt", out, out.prompts);
    case task::embeddings: {
        auto read = read_texts(root["input"], "input", out, out.inputs);
        // Token ids are for providers that share OpenAI's tokens.
        if (!read) return fail(not_supported("input", of));
        return read;
    }
    case task::chat: break;
    }
    if (auto good = read_messages(root["messages"], of, out); !good) return good;
    if (auto good = read_tools(of, out); !good) return good;
    return read_format(out);
}

} // namespace sluice::providers::neutral
