#include "providers/cohere_event.hpp"

#include "providers/told_error.hpp"
#include "providers/walk.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace sluice::providers::cohere {

namespace {

using walk::item;
using walk::kind;

// Containers open around the members of the root.
constexpr int root_depth = 1;
// Nobody asks for more; what lies behind is passed over.
constexpr std::size_t most_generations = 128;

std::string_view inside_of(const item& seen) noexcept {
    return seen.type == kind::string ? walk::without_quotes(seen.raw) : std::string_view();
}

struct named_kind {
    std::string_view name;
    event_kind kind;
};

// The most frequent first.
constexpr std::array<named_kind, 10> kinds = {{
    {"content-delta", event_kind::content},
    {"tool-call-delta", event_kind::call_delta},
    {"tool-plan-delta", event_kind::tool_plan},
    {"content-start", event_kind::content},
    {"tool-call-start", event_kind::call_start},
    {"tool-call-end", event_kind::call_end},
    {"message-start", event_kind::message_start},
    {"message-end", event_kind::message_end},
    {"error", event_kind::error},
    {"stream-error", event_kind::error},
}};

event_kind kind_of(std::string_view type) noexcept {
    const auto* const found = std::find_if(
        kinds.begin(), kinds.end(), [type](const named_kind& each) { return each.name == type; });
    return found == kinds.end() ? event_kind::other : found->kind;
}

// What both kinds of events are read with.
class reader {
public:
    reader(std::string_view data, counts& used)
        : text_(data, walk::deepest_answer)
        , used_(used) {}

protected:
    // visit(key, value, seen) for each member of the root.
    template <class Visit>
    bool root(Visit&& visit) {
        auto all = text_.root();
        return all && text_.each_member(*all, visit) && text_.complete();
    }
    // visit(key, value, seen) for each member of an object; a value of another type is passed.
    template <class Visit>
    bool inside(walk::value& v, const item& seen, int depth, Visit&& visit) {
        return seen.type == kind::object ? text_.each_member(v, depth, visit) : text_.pass(v, seen, depth);
    }
    bool counted(walk::value& v, const item& seen, int depth);

    walk::text text_;
    counts& used_;

private:
    bool pair(walk::value& v,
              const item& seen,
              int depth,
              std::optional<std::int64_t>& input,
              std::optional<std::int64_t>& output);
};

// {"tokens":{…},"billed_units":{…},"cached_tokens":…}: `usage` of v2, `meta` of all others.
bool reader::counted(walk::value& v, const item& seen, int depth) {
    return inside(v, seen, depth, [this, depth](std::string_view key, walk::value& value, const item& of) {
        if (key == "tokens") return pair(value, of, depth + 1, used_.input, used_.output);
        if (key == "billed_units") return pair(value, of, depth + 1, used_.billed_input, used_.billed_output);
        if (key == "cached_tokens") {
            if (const auto count = walk::to_count(of)) used_.cached = count;
        }
        return text_.pass(value, of, depth + 1);
    });
}

bool reader::pair(walk::value& v,
                  const item& seen,
                  int depth,
                  std::optional<std::int64_t>& input,
                  std::optional<std::int64_t>& output) {
    return inside(v, seen, depth, [&, depth](std::string_view key, walk::value& value, const item& of) {
        if (const auto count = walk::to_count(of)) {
            if (key == "input_tokens") input = count;
            if (key == "output_tokens") output = count;
        }
        return text_.pass(value, of, depth + 1);
    });
}

class event_reader : reader {
public:
    event_reader(std::string_view data, event_said& out, counts& used)
        : reader(data, used)
        , out_(out) {}

    bool run();

private:
    bool root_member(std::string_view key, walk::value& v, const item& seen);
    bool delta_member(std::string_view key, walk::value& v, const item& seen);
    bool message_member(std::string_view key, walk::value& v, const item& seen);
    bool call_member(std::string_view key, walk::value& v, const item& seen);

    event_said& out_;
    bool has_type_ = false;
    bool has_message_ = false;
    bool has_error_ = false;
    bool has_detail_ = false;
};

bool event_reader::run() {
    const bool good = root(
        [this](std::string_view key, walk::value& v, const item& seen) { return root_member(key, v, seen); });
    if (has_error_ || has_detail_ || (has_message_ && !has_type_)) out_.kind = event_kind::error;
    return good;
}

bool event_reader::root_member(std::string_view key, walk::value& v, const item& seen) {
    if (key == "delta") {
        return inside(v, seen, root_depth, [this](std::string_view name, walk::value& value, const item& of) {
            return delta_member(name, value, of);
        });
    }
    if (key == "type") {
        has_type_ = seen.type == kind::string;
        out_.kind = kind_of(inside_of(seen));
    } else if (key == "id") {
        out_.id = inside_of(seen);
    } else if (key == "message") { // an error as other statuses bring it
        has_message_ = seen.type == kind::string;
    } else if (key == "error") {
        return read_error(text_, v, seen, root_depth, has_error_);
    } else if (key == "detail") {
        has_detail_ = seen.type != kind::null;
    }
    return text_.pass(v, seen, root_depth);
}

bool event_reader::delta_member(std::string_view key, walk::value& v, const item& seen) {
    constexpr int depth = root_depth + 1;
    if (key == "message") {
        return inside(v, seen, depth, [this](std::string_view name, walk::value& value, const item& of) {
            return message_member(name, value, of);
        });
    }
    if (key == "usage") return counted(v, seen, depth);
    if (key == "finish_reason") out_.finish_reason = inside_of(seen);
    if (key == "error") return read_error(text_, v, seen, depth, out_.failed);
    return text_.pass(v, seen, depth);
}

bool event_reader::message_member(std::string_view key, walk::value& v, const item& seen) {
    constexpr int depth = root_depth + 2;
    if (key == "content") {
        return inside(v, seen, depth, [this](std::string_view name, walk::value& value, const item& of) {
            if (name == "text") out_.text = inside_of(of);
            if (name == "thinking") out_.thinking = inside_of(of);
            return text_.pass(value, of, depth + 1);
        });
    }
    if (key == "tool_calls") {
        return inside(v, seen, depth, [this](std::string_view name, walk::value& value, const item& of) {
            return call_member(name, value, of);
        });
    }
    if (key == "tool_plan") out_.tool_plan = inside_of(seen);
    return text_.pass(v, seen, depth);
}

bool event_reader::call_member(std::string_view key, walk::value& v, const item& seen) {
    constexpr int depth = root_depth + 3;
    if (key == "function") {
        return inside(v, seen, depth, [this](std::string_view name, walk::value& value, const item& of) {
            if (name == "name") out_.name = inside_of(of);
            if (name == "arguments") out_.arguments = inside_of(of);
            return text_.pass(value, of, depth + 1);
        });
    }
    if (key == "id") out_.call_id = inside_of(seen);
    return text_.pass(v, seen, depth);
}

class generated_reader : reader {
public:
    generated_reader(std::string_view data, generated& out, counts& used)
        : reader(data, used)
        , out_(out) {}

    bool run();

private:
    bool root_member(std::string_view key, walk::value& v, const item& seen);
    bool response_member(std::string_view key, walk::value& v, const item& seen);
    bool metrics(walk::value& v, const item& seen);
    bool generation(walk::value& v, const item& seen, int depth);

    generated& out_;
    bool has_type_ = false;
    bool has_message_ = false;
};

bool generated_reader::run() {
    const bool good = root(
        [this](std::string_view key, walk::value& v, const item& seen) { return root_member(key, v, seen); });
    if (has_message_ && !has_type_) out_.is_error = true;
    return good;
}

bool generated_reader::root_member(std::string_view key, walk::value& v, const item& seen) {
    if (key == "response") {
        return inside(v, seen, root_depth, [this](std::string_view name, walk::value& value, const item& of) {
            return response_member(name, value, of);
        });
    }
    if (key == "meta") return counted(v, seen, root_depth);
    // Bedrock puts it beside the last event of an invocation.
    if (key == "amazon-bedrock-invocationMetrics") return metrics(v, seen);
    if (key == "event_type") {
        has_type_ = true;
        out_.is_end = inside_of(seen) == "stream-end";
        out_.is_error = out_.is_error || inside_of(seen) == "stream-error";
    } else if (key == "is_finished") {
        out_.is_finished = seen.raw == "true";
        has_type_ = true;
    } else if (key == "text") {
        out_.text = inside_of(seen);
    } else if (key == "finish_reason") {
        out_.finish_reason = inside_of(seen);
    } else if (key == "index") {
        const auto index = walk::to_count(seen);
        out_.has_index = index && *index >= 0;
        out_.index = out_.has_index ? static_cast<std::size_t>(*index) : 0;
    } else if (key == "id") {
        out_.id = inside_of(seen);
    } else if (key == "err" || key == "error") {
        out_.is_error = out_.is_error || seen.type != kind::null;
    } else if (key == "message") {
        has_message_ = seen.type == kind::string;
    }
    return text_.pass(v, seen, root_depth);
}

bool generated_reader::response_member(std::string_view key, walk::value& v, const item& seen) {
    constexpr int depth = root_depth + 1;
    if (key == "meta") return counted(v, seen, depth);
    if (key == "id") out_.id = inside_of(seen);
    if (key != "generations" || seen.type != kind::array) return text_.pass(v, seen, depth);
    out_.reasons.clear();
    return text_.each_element(v, depth, [this](walk::value& element, const item& of) {
        return generation(element, of, depth + 1);
    });
}

// For events that count nothing themselves.
bool generated_reader::metrics(walk::value& v, const item& seen) {
    return inside(v, seen, root_depth, [this](std::string_view key, walk::value& value, const item& of) {
        const auto count = walk::to_count(of);
        if (key == "inputTokenCount" && !used_.billed_input) used_.billed_input = count;
        if (key == "outputTokenCount" && !used_.billed_output) used_.billed_output = count;
        return text_.pass(value, of, root_depth + 1);
    });
}

bool generated_reader::generation(walk::value& v, const item& seen, int depth) {
    std::string_view reason;
    const bool good =
        inside(v, seen, depth, [&, depth](std::string_view key, walk::value& value, const item& of) {
            if (key == "finish_reason") reason = inside_of(of);
            return text_.pass(value, of, depth + 1);
        });
    if (out_.reasons.size() < most_generations) out_.reasons.push_back(reason);
    return good;
}

} // namespace

bool read_event(std::string_view data, event_said& out, counts& used) {
    return event_reader(data, out, used).run();
}

bool read_generated(std::string_view data, generated& out, counts& used) {
    return generated_reader(data, out, used).run();
}

} // namespace sluice::providers::cohere
