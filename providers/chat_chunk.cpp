#include "providers/chat_chunk.hpp"

#include "providers/told_error.hpp"
#include "providers/walk.hpp"

namespace sluice::providers {

namespace {

using walk::item;
using walk::kind;
using walk::value;

// Containers open around the members of what the name says.
constexpr int root_depth = 1;
constexpr int usage_depth = 2;
constexpr int choice_depth = 3;
constexpr int delta_depth = 4;
constexpr int call_depth = 6; // of a piece of thinking too

// Of one chunk: each becomes an event or more of the client's.
constexpr std::size_t most_calls = 1024;
constexpr std::size_t most_thoughts = 1024;

class chunk_reader {
public:
    chunk_reader(std::string_view data, chat_chunk& out)
        : text_(data, walk::deepest_answer)
        , out_(out) {}

    bool run() {
        auto root = text_.root();
        if (!root) return false;
        const auto member = [this](std::string_view key, value& v, const item& seen) {
            return root_member(key, v, seen);
        };
        return text_.each_member(*root, member) && text_.complete();
    }

private:
    bool root_member(std::string_view key, value& v, const item& seen);
    bool usage(value& v, const item& seen);
    bool counts(value& v, const item& seen, bool of_prompt);
    bool choice(value& v, const item& seen);
    bool delta(value& v, const item& seen);
    bool call(value& v, const item& seen);
    bool old_call(value& v, const item& seen);
    bool audio(value& v, const item& seen);
    bool function(value& v, const item& seen, int depth, call_piece& into);
    bool thought(value& v, const item& seen);
    static bool index(const item& seen, std::size_t& into);
    bool text(const item& seen, std::string_view& into);
    // f for each member of an object; null and other types are passed.
    template <class F>
    bool inside(value& v, const item& seen, int depth, F&& f) {
        if (seen.type == kind::object) return text_.each_member(v, depth, f);
        return text_.pass(v, seen, depth);
    }

    walk::text text_;
    chat_chunk& out_;
};

// Null says nothing; any other type is not of the schema.
bool chunk_reader::text(const item& seen, std::string_view& into) {
    if (seen.type == kind::string) into = walk::without_quotes(seen.raw);
    return seen.type == kind::string || seen.type == kind::null;
}

bool chunk_reader::root_member(std::string_view key, value& v, const item& seen) {
    if (key == "id") return text(seen, out_.id) && text_.pass(v, seen, root_depth);
    if (key == "model") return text(seen, out_.model) && text_.pass(v, seen, root_depth);
    if (key == "usage") return usage(v, seen);
    if (key == "created") out_.created = walk::to_count(seen).value_or(0);
    if (key == "error") return read_error(text_, v, seen, root_depth, out_.is_error);
    if (key != "choices" || seen.type != kind::array) return text_.pass(v, seen, root_depth);
    bool first = true;
    return text_.each_element(v, root_depth, [&](value& each, const item& found) {
        const bool wanted = first;
        first = false;
        return wanted ? choice(each, found) : text_.pass(each, found, root_depth + 1);
    });
}

void note(const item& seen, std::optional<std::int64_t>& into) {
    if (const auto number = walk::to_count(seen)) into = number;
}

bool chunk_reader::usage(value& v, const item& seen) {
    return inside(v, seen, root_depth, [this](std::string_view key, value& each, const item& found) {
        if (key == "prompt_tokens") note(found, out_.used.prompt);
        if (key == "completion_tokens") note(found, out_.used.completion);
        if (key == "total_tokens") note(found, out_.used.total);
        if (key == "prompt_tokens_details") return counts(each, found, true);
        if (key == "completion_tokens_details") return counts(each, found, false);
        return text_.pass(each, found, usage_depth);
    });
}

bool chunk_reader::counts(value& v, const item& seen, bool of_prompt) {
    return inside(v, seen, usage_depth, [&](std::string_view key, value& each, const item& found) {
        if (of_prompt && key == "cached_tokens") note(found, out_.used.cached);
        if (of_prompt && key == "cache_write_tokens") note(found, out_.used.cache_write);
        if (!of_prompt && key == "reasoning_tokens") note(found, out_.used.reasoning);
        return text_.pass(each, found, usage_depth + 1);
    });
}

bool chunk_reader::choice(value& v, const item& seen) {
    return inside(v, seen, choice_depth - 1, [this](std::string_view key, value& each, const item& found) {
        if (key == "delta") return delta(each, found);
        if (key == "finish_reason" && !text(found, out_.finish_reason)) return false;
        return text_.pass(each, found, choice_depth);
    });
}

bool chunk_reader::delta(value& v, const item& seen) {
    return inside(v, seen, delta_depth - 1, [this](std::string_view key, value& each, const item& found) {
        if (key == "content" && !text(found, out_.content)) return false;
        if (key == "reasoning_content" && !text(found, out_.reasoning)) return false;
        if (key == "refusal" && !text(found, out_.refusal)) return false;
        if (key == "audio") return audio(each, found);
        if (key == "function_call" && found.type == kind::object) return old_call(each, found);
        const bool has_calls = key == "tool_calls";
        if ((!has_calls && key != "thinking_blocks") || found.type != kind::array)
            return text_.pass(each, found, delta_depth);
        return text_.each_element(each, delta_depth, [&](value& one, const item& outside) {
            return has_calls ? call(one, outside) : thought(one, outside);
        });
    });
}

// Of a spoken answer its words.
bool chunk_reader::audio(value& v, const item& seen) {
    return inside(v, seen, delta_depth, [this](std::string_view key, value& each, const item& found) {
        if (key == "transcript" && out_.content.empty() && !text(found, out_.content)) return false;
        return text_.pass(each, found, delta_depth + 1);
    });
}

// How calls looked before there were several.
bool chunk_reader::old_call(value& v, const item& seen) {
    if (out_.calls.size() == most_calls) return false;
    call_piece piece;
    const bool good = function(v, seen, delta_depth, piece);
    out_.calls.push_back(piece);
    return good;
}

bool chunk_reader::function(value& v, const item& seen, int depth, call_piece& into) {
    return inside(v, seen, depth, [&, depth](std::string_view key, value& each, const item& found) {
        if (key == "name" && !text(found, into.name)) return false;
        if (key == "arguments" && !text(found, into.arguments)) return false;
        return text_.pass(each, found, depth + 1);
    });
}

bool chunk_reader::index(const item& seen, std::size_t& into) {
    const auto index = walk::to_count(seen);
    if (!index || *index < 0) return false;
    into = static_cast<std::size_t>(*index);
    return true;
}

// Not of OpenAI's schema: what another gateway calls by that name is passed.
bool chunk_reader::thought(value& v, const item& seen) {
    if (seen.type != kind::object || out_.thoughts.size() == most_thoughts)
        return text_.pass(v, seen, call_depth - 1);
    thought_piece piece;
    const bool good =
        text_.each_member(v, call_depth - 1, [&](std::string_view key, value& each, const item& found) {
            if (key == "index") (void)index(found, piece.index);
            if (key == "thinking") (void)text(found, piece.text);
            if (key == "signature") (void)text(found, piece.signature);
            if (key == "data") (void)text(found, piece.redacted);
            return text_.pass(each, found, call_depth);
        });
    out_.thoughts.push_back(piece);
    return good;
}

bool chunk_reader::call(value& v, const item& seen) {
    if (seen.type != kind::object || out_.calls.size() == most_calls) return false;
    call_piece piece;
    const bool good =
        text_.each_member(v, call_depth - 1, [&](std::string_view key, value& each, const item& found) {
            if (key == "index" && !index(found, piece.index)) return false;
            if (key == "id" && !text(found, piece.id)) return false;
            if (key == "function") return function(each, found, call_depth, piece);
            return text_.pass(each, found, call_depth);
        });
    out_.calls.push_back(piece);
    return good;
}

} // namespace

void chat_chunk::clear() {
    id = model = content = reasoning = refusal = finish_reason = {};
    created = 0;
    calls.clear();
    thoughts.clear();
    is_error = false;
}

bool read_chat_chunk(std::string_view data, chat_chunk& out) {
    out.clear();
    return chunk_reader(data, out).run();
}

std::optional<std::string_view> next_data(std::string_view& events) noexcept {
    constexpr std::string_view front = "data: ";
    const std::size_t end = events.find("\n\n");
    if (!events.starts_with(front) || end == std::string_view::npos) return std::nullopt;
    const std::string_view data = events.substr(front.size(), end - front.size());
    events.remove_prefix(end + 2);
    return data;
}

} // namespace sluice::providers
