#include "providers/anthropic_event.hpp"

#include "providers/told_error.hpp"
#include "providers/walk.hpp"

#include <cstdint>
#include <optional>
#include <utility>

namespace sluice::providers::anthropic {

namespace {

using walk::item;
using walk::kind;

// Containers open around the members of the root, and of the objects in it.
constexpr int root_depth = 1;

class event_reader {
public:
    event_reader(std::string_view data, event_said& out, counts& used)
        : data_(data)
        , text_(data, walk::deepest_answer)
        , out_(out)
        , used_(used) {}

    bool run();

private:
    using member_function = bool (event_reader::*)(std::string_view key,
                                                   walk::value& v,
                                                   const item& seen,
                                                   int depth);

    bool members(walk::object& of, member_function each, int depth);
    bool inside(walk::value& v, const item& seen, member_function each, int depth);
    bool root_member(std::string_view key, walk::value& v, const item& seen, int depth);
    bool message_member(std::string_view key, walk::value& v, const item& seen, int depth);
    bool block_member(std::string_view key, walk::value& v, const item& seen, int depth);
    bool delta_member(std::string_view key, walk::value& v, const item& seen, int depth);
    bool usage_member(std::string_view key, walk::value& v, const item& seen, int depth);
    bool details_member(std::string_view key, walk::value& v, const item& seen, int depth);
    bool metrics_member(std::string_view key, walk::value& v, const item& seen, int depth);
    void note_stop_reason(const item& seen);

    std::string_view data_;
    walk::text text_;
    event_said& out_;
    counts& used_;
};

std::string_view inside_of(const item& seen) noexcept {
    return seen.type == kind::string ? walk::without_quotes(seen.raw) : std::string_view();
}

// A count that is null or no count says nothing.
void note_count(const item& seen, std::optional<std::int64_t>* into) {
    const auto number = walk::to_count(seen);
    if (number && into != nullptr) *into = number;
}

event_kind kind_of(std::string_view type) noexcept {
    if (type == "content_block_delta") return event_kind::block_delta;
    if (type == "content_block_start") return event_kind::block_start;
    if (type == "content_block_stop") return event_kind::block_stop;
    if (type == "message_start") return event_kind::message_start;
    if (type == "message_delta") return event_kind::message_delta;
    if (type == "message_stop") return event_kind::message_stop;
    if (type == "completion") return event_kind::completion;
    if (type == "error") return event_kind::error;
    return event_kind::other;
}

block_kind block_of(std::string_view type) noexcept {
    if (type == "text" || type == "text_delta") return block_kind::text;
    if (type == "thinking" || type == "thinking_delta") return block_kind::thinking;
    if (type == "signature_delta") return block_kind::signature;
    if (type == "redacted_thinking") return block_kind::redacted;
    if (type == "tool_use" || type == "input_json_delta") return block_kind::tool_use;
    return block_kind::other;
}

bool event_reader::run() {
    auto root = text_.root();
    if (!root) return false;
    return members(*root, &event_reader::root_member, root_depth) && text_.complete();
}

bool event_reader::members(walk::object& of, member_function each, int depth) {
    for (auto next : of) {
        walk::field member;
        if (std::move(next).get(member)) return text_.failed(walk::fault::not_json);
        const auto key = text_.key(member);
        if (!key) return false;
        walk::value& v = member.value();
        const item seen = text_.look(v);
        if (seen.type == kind::invalid || !(this->*each)(key->raw, v, seen, depth)) return false;
    }
    return true;
}

// The members of an object; a value of another type is passed.
bool event_reader::inside(walk::value& v, const item& seen, member_function each, int depth) {
    if (seen.type != kind::object) return text_.pass(v, seen, depth);
    auto object = text_.open_object(v, depth);
    return object && members(*object, each, depth + 1);
}

bool event_reader::root_member(std::string_view key, walk::value& v, const item& seen, int depth) {
    if (key == "type") {
        out_.kind = kind_of(inside_of(seen));
        out_.has_type = seen.type == kind::string;
    }
    if (key == "content") out_.has_content = seen.type == kind::array;
    if (key == "input_tokens") out_.has_input_tokens = walk::to_count(seen).has_value();
    if (key == "delta") return inside(v, seen, &event_reader::delta_member, depth);
    if (key == "message") return inside(v, seen, &event_reader::message_member, depth);
    if (key == "content_block") return inside(v, seen, &event_reader::block_member, depth);
    if (key == "usage") return inside(v, seen, &event_reader::usage_member, depth);
    // Bedrock puts it beside the last event of an invocation.
    if (key == "amazon-bedrock-invocationMetrics")
        return inside(v, seen, &event_reader::metrics_member, depth);
    // Of a completion, which has no inner objects.
    if (key == "id") out_.id = inside_of(seen);
    if (key == "model") out_.model = inside_of(seen);
    if (key == "completion") out_.text = inside_of(seen);
    if (key == "stop_reason") note_stop_reason(seen);
    if (key == "error") return read_error(text_, v, seen, depth, out_.has_error);
    return text_.pass(v, seen, depth);
}

bool event_reader::message_member(std::string_view key, walk::value& v, const item& seen, int depth) {
    if (key == "usage") return inside(v, seen, &event_reader::usage_member, depth);
    if (key == "id") out_.id = inside_of(seen);
    if (key == "model") out_.model = inside_of(seen);
    return text_.pass(v, seen, depth);
}

bool event_reader::block_member(std::string_view key, walk::value& v, const item& seen, int depth) {
    if (key == "type") out_.block = block_of(inside_of(seen));
    if (key == "id") out_.id = inside_of(seen);
    if (key == "name") out_.name = inside_of(seen);
    if (key == "text" || key == "thinking") out_.text = inside_of(seen);
    if (key == "signature") out_.signature = inside_of(seen);
    if (key == "data") out_.data = inside_of(seen);
    if (!text_.pass(v, seen, depth)) return false;
    if (key != "input" || seen.type != kind::object) return true;
    const auto end = text_.end_of(seen);
    if (!end) return false;
    const std::size_t begin = text_.offset(seen.raw);
    out_.input = data_.substr(begin, *end - begin);
    return true;
}

bool event_reader::delta_member(std::string_view key, walk::value& v, const item& seen, int depth) {
    if (key == "type") out_.block = block_of(inside_of(seen));
    if (key == "text" || key == "partial_json" || key == "thinking") out_.text = inside_of(seen);
    if (key == "signature") out_.signature = inside_of(seen);
    if (key == "stop_reason") note_stop_reason(seen);
    return text_.pass(v, seen, depth);
}

bool event_reader::usage_member(std::string_view key, walk::value& v, const item& seen, int depth) {
    if (key == "output_tokens_details") return inside(v, seen, &event_reader::details_member, depth);
    std::optional<std::int64_t>* known = nullptr;
    if (key == "input_tokens") known = &used_.input;
    if (key == "output_tokens") known = &used_.output;
    if (key == "cache_read_input_tokens") known = &used_.cache_read;
    if (key == "cache_creation_input_tokens") known = &used_.cache_creation;
    note_count(seen, known);
    return text_.pass(v, seen, depth);
}

bool event_reader::details_member(std::string_view key, walk::value& v, const item& seen, int depth) {
    note_count(seen, key == "thinking_tokens" ? &used_.thinking : nullptr);
    return text_.pass(v, seen, depth);
}

// For events that count nothing themselves: cached tokens are left out here.
bool event_reader::metrics_member(std::string_view key, walk::value& v, const item& seen, int depth) {
    if (key == "inputTokenCount" && !used_.input) note_count(seen, &used_.input);
    if (key == "outputTokenCount" && !used_.output) note_count(seen, &used_.output);
    return text_.pass(v, seen, depth);
}

void event_reader::note_stop_reason(const item& seen) {
    out_.has_stop_reason = seen.type == kind::string;
    out_.stop_reason = inside_of(seen);
}

} // namespace

bool read_event(std::string_view data, event_said& out, counts& used) {
    return event_reader(data, out, used).run();
}

} // namespace sluice::providers::anthropic
