// The list of messages into turns (providers.md §1.6).
#include "core/base/string_map.hpp"
#include "core/json/reader.hpp"
#include "providers/neutral_parts.hpp"
#include "providers/sentence.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>

namespace sluice::providers::neutral {

namespace {

struct known_call {
    std::string_view id;
    std::string_view name;
    std::size_t position = 0; // among all calls of the history
};
using call_map = absl::flat_hash_map<std::string_view, known_call, string_hash, std::equal_to<>>;

class message_reader {
public:
    message_reader(const dialect& of, request& out)
        : of_(of)
        , out_(out) {}

    result<void> message(slices::node one, std::string_view where);
    // The results that have just ended into the order of the calls that they answer.
    void sort_results();

private:
    result<void> said_by(speaker who, slices::node one, std::string_view where);
    result<void> system_text(slices::node one, std::string_view where);
    result<void> tool_message(slices::node one, std::string_view where, bool old_form);
    result<void> thoughts(slices::node list, std::string_view where, turn& into);
    result<void> calls(slices::node list, std::string_view where, turn& into);
    result<void> one_call(slices::node function, std::string_view id, std::string_view where, turn& into);
    result<std::string_view> arguments(slices::node function, std::string_view where);

    const dialect& of_;
    request& out_;
    call_map by_id_;   // the last call of that id
    call_map by_name_; // the last call of that function
    std::size_t calls_seen_ = 0;
};

result<void> message_reader::message(slices::node one, std::string_view where) {
    auto role = text_of(one["role"], sentence({where, ".role"}), out_);
    if (!role) return fail(std::move(role).error());
    if (*role == "system" || *role == "developer") return system_text(one, where);
    if (*role == "tool" || *role == "function") return tool_message(one, where, *role == "function");
    sort_results();
    if (*role == "user") return said_by(speaker::user, one, where);
    if (*role == "assistant") return said_by(speaker::assistant, one, where);
    return bad(sentence({"'", where, ".role' must be system, developer, user, assistant or tool."}));
}

result<void> message_reader::system_text(slices::node one, std::string_view where) {
    const std::string name = sentence({where, ".content"});
    auto parts = read_content(one["content"], name, of_, out_);
    if (!parts) return fail(std::move(parts).error());
    for (const part& each : *parts) {
        if (each.kind != part_kind::text) return bad(sentence({"'", name, "' must be text."}));
        out_.system.push_back(each.text);
    }
    return {};
}

result<void> message_reader::said_by(speaker who, slices::node one, std::string_view where) {
    turn said;
    said.from = who;
    auto parts = read_content(one["content"], sentence({where, ".content"}), of_, out_);
    if (!parts) return fail(std::move(parts).error());
    said.parts = *std::move(parts);
    if (who == speaker::assistant) {
        if (said.parts.empty() && one["refusal"].is(walk::kind::string)) {
            part words;
            words.text = one["refusal"].text(out_.texts).value_or("");
            if (!words.text.empty()) said.parts.push_back(words);
        }
        if (auto good = thoughts(one["thinking_blocks"], where, said); !good) return good;
        if (auto good = calls(one["tool_calls"], where, said); !good) return good;
        if (const slices::node old = one["function_call"]) {
            const std::string& id =
                out_.texts.emplace_back(sentence({"function_call_", std::to_string(out_.turns.size() + 1)}));
            auto good = one_call(old, id, sentence({where, ".function_call"}), said);
            if (!good) return good;
        }
    }
    if (!said.parts.empty() || !said.calls.empty()) out_.turns.push_back(std::move(said));
    return {};
}

// Those of models that sign nothing are left out: nobody takes them back.
result<void> message_reader::thoughts(slices::node list, std::string_view where, turn& into) {
    if (!list) return {};
    const std::string name = sentence({where, ".thinking_blocks"});
    if (!list.is(walk::kind::array)) return bad(sentence({"'", name, "' must be a list."}));
    std::size_t index = 0;
    for (const slices::node each : list.items()) {
        const std::string block = indexed(name, index++);
        if (!each.is(walk::kind::object)) return bad(sentence({"'", block, "' must be an object."}));
        thought one;
        for (const auto& [key, text] : {std::pair{"thinking", &one.text},
                                        std::pair{"signature", &one.signature},
                                        std::pair{"data", &one.redacted}}) {
            auto read = text_of(each[key], sentence({block, ".", key}), out_);
            if (!read) return fail(std::move(read).error());
            *text = *read;
        }
        if (!one.signature.empty() || !one.redacted.empty()) into.thoughts.push_back(one);
    }
    return {};
}

result<void> message_reader::calls(slices::node list, std::string_view where, turn& into) {
    if (!list) return {};
    if (!list.is(walk::kind::array)) return bad(sentence({"'", where, ".tool_calls' must be a list."}));
    std::size_t index = 0;
    for (const slices::node each : list.items()) {
        const std::string name = indexed(sentence({where, ".tool_calls"}), index++);
        auto id = text_of(each["id"], sentence({name, ".id"}), out_);
        if (!id) return fail(std::move(id).error());
        if (!each["function"].is(walk::kind::object))
            return bad(sentence({"'", name, "' must be an object with a 'function'."}));
        auto good = one_call(each["function"], *id, sentence({name, ".function"}), into);
        if (!good) return good;
    }
    return {};
}

result<void>
message_reader::one_call(slices::node function, std::string_view id, std::string_view where, turn& into) {
    tool_call call;
    call.id = id;
    auto name = text_of(function["name"], sentence({where, ".name"}), out_);
    if (!name) return fail(std::move(name).error());
    if (name->empty()) return bad(sentence({"'", where, ".name' is missing."}));
    call.name = *name;
    auto text = arguments(function, sentence({where, ".arguments"}));
    if (!text) return fail(std::move(text).error());
    call.arguments = *text;
    into.calls.push_back(call);
    const known_call known{call.id, call.name, calls_seen_++};
    by_id_.insert_or_assign(call.id, known);
    by_name_.insert_or_assign(call.name, known);
    return {};
}

// Nothing, blanks and null stand for {}.
result<std::string_view> message_reader::arguments(slices::node function, std::string_view where) {
    auto given = text_of(function["arguments"], where, out_);
    if (!given) return given;
    const std::string_view blanks = " \t\r\n";
    const std::size_t begin = given->find_first_not_of(blanks);
    if (begin == std::string_view::npos) return std::string_view("{}");
    const std::string_view json = given->substr(begin, given->find_last_not_of(blanks) + 1 - begin);
    if (json == "null") return std::string_view("{}");
    if (json.front() != '{' || !json::is_json(json))
        return bad(sentence({"'", where, "' is not a JSON object."}));
    std::string& kept = out_.texts.emplace_back();
    append_minified(kept, json);
    return std::string_view(kept);
}

result<void> message_reader::tool_message(slices::node one, std::string_view where, bool old_form) {
    tool_result answer;
    const std::string_view key = old_form ? "name" : "tool_call_id";
    auto name = text_of(one[key], sentence({where, ".", key}), out_);
    if (!name) return fail(std::move(name).error());
    if (name->empty()) return bad(sentence({"'", where, ".", key, "' is missing."}));
    const call_map& calls = old_form ? by_name_ : by_id_;
    const auto call = calls.find(*name);
    answer.call_id = call == calls.end() ? *name : call->second.id;
    if (call != calls.end()) answer.name = call->second.name;
    if (old_form) answer.name = *name;
    auto parts = read_content(one["content"], sentence({where, ".content"}), of_, out_);
    if (!parts) return fail(std::move(parts).error());
    answer.parts = *std::move(parts);
    if (out_.turns.empty() || out_.turns.back().from != speaker::tool) {
        out_.turns.emplace_back();
        out_.turns.back().from = speaker::tool;
    }
    out_.turns.back().results.push_back(std::move(answer));
    return {};
}

void message_reader::sort_results() {
    if (out_.turns.empty() || out_.turns.back().from != speaker::tool) return;
    const auto position = [this](const tool_result& of) {
        const auto found = by_id_.find(of.call_id);
        return found == by_id_.end() ? calls_seen_ : found->second.position;
    };
    std::vector<tool_result>& results = out_.turns.back().results;
    std::vector<std::pair<std::size_t, std::size_t>> order; // position of the call, index of the result
    order.reserve(results.size());
    for (const tool_result& each : results)
        order.emplace_back(position(each), order.size());
    if (std::is_sorted(order.begin(), order.end())) return;
    std::sort(order.begin(), order.end());
    std::vector<tool_result> sorted;
    sorted.reserve(results.size());
    for (const auto& [unused, index] : order)
        sorted.push_back(std::move(results[index]));
    results = std::move(sorted);
}

} // namespace

result<void> read_messages(slices::node messages, const dialect& of, request& out) {
    message_reader reader(of, out);
    std::size_t index = 0;
    for (const slices::node each : messages.items()) {
        if (auto good = reader.message(each, indexed("messages", index++)); !good) return good;
    }
    reader.sort_results();
    return {};
}

} // namespace sluice::providers::neutral
