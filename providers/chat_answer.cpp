#include "providers/chat_answer.hpp"

#include "providers/answer_pieces.hpp"
#include "providers/client_texts.hpp"

#include <algorithm>
#include <cstddef>

namespace sluice::providers {

namespace {

using client::inside;

bool is_text_or_null(slices::node value) {
    return !value || value.is(walk::kind::string);
}

chat_answer::thought thought_of(slices::node block) {
    return {inside(block["thinking"]), inside(block["signature"]), inside(block["data"])};
}

chat_answer::block block_of(slices::node block) {
    using kind = chat_answer::block::kind;
    const std::string_view type = inside(block["type"]);
    if (type == "text") return {kind::text, inside(block["text"]), {}};
    if (type == "tool_use") return {kind::call, {}, {}};
    return {kind::thought, {}, thought_of(block)};
}

} // namespace

result<void> read_chat_answer(std::string_view body, chat_answer& out) {
    if (auto good = out.tree.read(body, author::upstream); !good) return good;
    const slices::node root = out.tree.root();
    const slices::range choices = root["choices"].items();
    if (!root["choices"].is(walk::kind::array) || choices.empty())
        return client::bad_answer("it has no choices");
    const slices::node choice = *choices.begin();
    const slices::node message = choice["message"];
    if (!message.is(walk::kind::object) || !is_text_or_null(message["content"]))
        return client::bad_answer("its message has no text");
    out.id = inside(root["id"]);
    out.model = inside(root["model"]);
    out.created = root["created"].count().value_or(0);
    out.content = inside(message["content"]);
    if (out.content.empty()) out.content = inside(message["audio"]["transcript"]);
    out.reasoning = inside(message["reasoning_content"]);
    for (const slices::node each : message["thinking_blocks"].items()) {
        const chat_answer::thought one = thought_of(each);
        if (!one.signature.empty() || !one.redacted.empty()) out.thoughts.push_back(one);
    }
    for (const slices::node each : message["sluice_content_blocks"].items())
        out.blocks.push_back(block_of(each));
    out.refusal = inside(message["refusal"]);
    out.finish_reason = inside(choice["finish_reason"]);
    if (out.finish_reason.empty()) return client::bad_answer("it does not say why it ended");
    if (client::is_failure(out.finish_reason)) return client::bad_answer(client::given_up);
    out.used = read_tally(root["usage"]);
    for (const slices::node each : message["tool_calls"].items()) {
        const slices::node function = each["function"];
        if (inside(function["name"]).empty()) return client::bad_answer("a tool call has no name");
        out.calls.push_back({inside(each["id"]), inside(function["name"]), inside(function["arguments"])});
    }
    // How calls looked before there were several.
    const slices::node function = message["function_call"];
    if (out.calls.empty() && !inside(function["name"]).empty())
        out.calls.push_back({{}, inside(function["name"]), inside(function["arguments"])});
    // Whoever has written them: they must have all calls.
    const auto places = std::count_if(out.blocks.begin(), out.blocks.end(), [](const auto& one) {
        return one.what == chat_answer::block::kind::call;
    });
    if (static_cast<std::size_t>(places) != out.calls.size()) out.blocks.clear();
    return {};
}

} // namespace sluice::providers
