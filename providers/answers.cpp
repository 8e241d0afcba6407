#include "providers/answers.hpp"

#include "core/base/base64.hpp"
#include "core/json/writer.hpp"
#include "providers/answer_images.hpp"
#include "providers/sentence.hpp"
#include "providers/thinking_blocks.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

namespace sluice::providers {

namespace {

void append_calls(std::string& out, const std::vector<answered_call>& calls) {
    out += '[';
    for (const answered_call& each : calls) {
        if (&each != &calls.front()) out += ',';
        json::object_writer call(out);
        call.text("id", each.id);
        call.text("type", "function");
        call.key("function");
        json::object_writer function(out);
        function.text("name", each.name);
        function.text("arguments", each.arguments);
        function.close();
        call.close();
    }
    out += ']';
}

void append_images(std::string& out, const std::vector<std::string>& urls) {
    std::string list;
    std::string url;
    for (std::size_t i = 0; i < urls.size(); ++i) {
        url.clear();
        json::append_string(url, urls[i]);
        append_image(list, i, url);
    }
    out.append("[").append(list).append("]");
}

void append_message(std::string& out, const answered_choice& choice, bool keeps_order) {
    json::object_writer message(out);
    message.text("role", "assistant");
    if (choice.text.empty()) {
        message.raw("content", "null");
    } else {
        message.text("content", choice.text);
    }
    if (!choice.reasoning.empty()) message.text("reasoning_content", choice.reasoning);
    if (!choice.thoughts.empty()) message.raw("thinking_blocks", sentence({"[", choice.thoughts, "]"}));
    if (!choice.calls.empty()) {
        message.key("tool_calls");
        append_calls(out, choice.calls);
    }
    if (!choice.images.empty()) {
        message.key("images");
        append_images(out, choice.images);
    }
    if (keeps_order && choice.blocks.is_mixed()) {
        message.key("sluice_content_blocks");
        choice.blocks.append(out, {choice.text, choice.reasoning, choice.thoughts});
    }
    message.close();
}

// A number of a JSON list, as a little-endian float32.
bool append_float(std::string& out, std::string_view text) {
    double value = 0; // through float, a number below its range would be refused
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return false;
    if (std::abs(value) > std::numeric_limits<float>::max()) return false;
    const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
    for (unsigned shift = 0; shift < 32; shift += 8)
        out += static_cast<char>((bits >> shift) & 0xFFU);
    return true;
}

// Calls `each` with the text of every element; false when it does, or when this is no flat list.
template <class Each>
bool for_each_element(std::string_view list, Each each) {
    const std::string_view blanks = " \t\r\n";
    if (list.size() < 2 || list.front() != '[' || list.back() != ']') return false;
    list = list.substr(1, list.size() - 2);
    if (list.find_first_not_of(blanks) == std::string_view::npos) return true;
    while (true) {
        const std::size_t comma = std::min(list.find(','), list.size());
        std::string_view one = list.substr(0, comma);
        const std::size_t begin = one.find_first_not_of(blanks);
        if (begin == std::string_view::npos) return false;
        one = one.substr(begin, one.find_last_not_of(blanks) + 1 - begin);
        if (!each(one)) return false;
        if (comma == list.size()) return true;
        list.remove_prefix(comma + 1);
    }
}

bool may_be_number(std::string_view text) noexcept {
    return text.front() == '-' || (text.front() >= '0' && text.front() <= '9');
}

} // namespace

std::string_view to_string(finish reason) noexcept {
    switch (reason) {
    case finish::stop: return "stop";
    case finish::length: return "length";
    case finish::tool_calls: return "tool_calls";
    case finish::content_filter: return "content_filter";
    }
    return "stop";
}

finish finish_of(std::string_view theirs, std::span<const finish_name> table) noexcept {
    const auto found = std::find_if(
        table.begin(), table.end(), [theirs](const finish_name& each) { return each.theirs == theirs; });
    return found == table.end() ? finish::stop : found->ours;
}

std::string numbered_id(std::string_view prefix, std::string_view stem, unsigned number) {
    constexpr std::size_t least_digits = 4;
    const std::string digits = std::to_string(number);
    const std::size_t zeros = digits.size() < least_digits ? least_digits - digits.size() : 0;
    return sentence({prefix, stem, std::string_view("0000").substr(0, zeros), digits});
}

std::string id_maker::answer_id(task kind) const {
    return numbered_id(kind == task::chat ? "chatcmpl-" : "cmpl-", stem_, 1);
}

std::string id_maker::next_call_id() {
    return numbered_id("call_", stem_, ++calls_);
}

void answered_choice::say(std::string_view words) {
    const std::size_t begin = text.size();
    text += words;
    blocks.add(answered_blocks::kind::text, begin, text.size());
}

void answered_choice::think(std::string_view words, std::string_view signature) {
    const std::size_t begin = reasoning.size();
    reasoning += words;
    if (signature.empty()) return blocks.add(answered_blocks::kind::reasoning, begin, reasoning.size());
    const std::size_t front = thoughts.empty() ? 0 : thoughts.size() + 1; // behind a comma
    append_thought(thoughts, words, signature);
    blocks.add(answered_blocks::kind::thought, front, thoughts.size());
}

void answered_choice::think_unseen(std::string_view data) {
    if (data.empty()) return;
    const std::size_t front = thoughts.empty() ? 0 : thoughts.size() + 1; // behind a comma
    append_redacted_thought(thoughts, data);
    blocks.add(answered_blocks::kind::thought, front, thoughts.size());
}

void answered_choice::call(answered_call one) {
    calls.push_back(std::move(one));
    blocks.add_call();
}

std::string write_answer(task kind,
                         const answer_head& head,
                         std::span<const answered_choice> choices,
                         const tally& used) {
    std::string out;
    json::object_writer answer(out);
    answer.text("id", head.id);
    answer.text("object", kind == task::chat ? "chat.completion" : "text_completion");
    answer.number("created", head.created);
    answer.text("model", head.model);
    answer.key("choices");
    out += '[';
    for (std::size_t i = 0; i < choices.size(); ++i) {
        const answered_choice& each = choices[i];
        if (i > 0) out += ',';
        json::object_writer choice(out);
        choice.number("index", static_cast<std::int64_t>(i));
        if (kind == task::chat) {
            choice.key("message");
            append_message(out, each, head.keeps_order);
        } else {
            choice.text("text", each.text);
            choice.raw("logprobs", "null");
        }
        const bool calls = each.reason == finish::stop && !each.calls.empty() && kind == task::chat;
        choice.text("finish_reason", to_string(calls ? finish::tool_calls : each.reason));
        choice.close();
    }
    out += ']';
    answer.key("usage");
    append_usage(out, used);
    answer.close();
    return out;
}

embeddings_writer::embeddings_writer(bool base64)
    : base64_(base64)
    , out_(R"({"object":"list","data":[)") {}

bool embeddings_writer::add(std::string_view json_list) {
    floats_.clear();
    bool is_empty = true;
    const bool good = for_each_element(json_list, [&](std::string_view one) {
        is_empty = false;
        return may_be_number(one) && (!base64_ || append_float(floats_, one));
    });
    if (!good || is_empty) return false;
    if (size_ > 0) out_ += ',';
    json::object_writer element(out_);
    element.text("object", "embedding");
    element.number("index", static_cast<std::int64_t>(size_++));
    if (base64_) {
        element.text("embedding", base64_encode(floats_));
    } else {
        element.raw("embedding", json_list);
    }
    element.close();
    return true;
}

std::string embeddings_writer::finish(std::string_view model, const tally& used) && {
    out_ += R"(],"model":)";
    json::append_string(out_, model);
    out_ += R"(,"usage":)";
    append_embeddings_usage(out_, used);
    out_ += '}';
    return std::move(out_);
}

} // namespace sluice::providers
