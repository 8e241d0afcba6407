#include "providers/bedrock_event.hpp"

#include "providers/walk.hpp"

namespace sluice::providers::bedrock {

namespace {

using walk::item;
using walk::kind;

std::string_view inside_of(const item& seen) noexcept {
    return seen.type == kind::string ? walk::without_quotes(seen.raw) : std::string_view();
}

// A count that is null or no count says nothing.
void note_count(const item& seen, std::optional<std::int64_t>& into) {
    const auto number = walk::to_count(seen);
    if (number) into = number;
}

// Walks an object with one function for the members of each depth.
class object_reader {
public:
    explicit object_reader(std::string_view data)
        : text_(data, walk::deepest_answer) {}

    template <class Member>
    bool root(Member&& member) {
        auto all = text_.root();
        return all && text_.each_member(*all, member) && text_.complete();
    }
    // The members of an object; a value of another type is passed.
    template <class Member>
    bool inside(walk::value& v, const item& seen, int depth, Member&& member) {
        if (seen.type != kind::object) return text_.pass(v, seen, depth);
        return text_.each_member(v, depth, member);
    }
    bool pass(walk::value& v, const item& seen, int depth) { return text_.pass(v, seen, depth); }

private:
    walk::text text_;
};

class event_reader {
public:
    event_reader(std::string_view data, event_said& out, counts& used)
        : in_(data)
        , out_(out)
        , used_(used) {}

    bool run() {
        return in_.root([this](std::string_view key, walk::value& v, const item& seen) {
            if (key == "delta") return delta(v, seen);
            if (key == "start") return start(v, seen);
            if (key == "usage") return usage(v, seen);
            if (key == "stopReason") out_.stop_reason = inside_of(seen);
            return in_.pass(v, seen, 1);
        });
    }

private:
    bool delta(walk::value& v, const item& seen) {
        return in_.inside(v, seen, 1, [this](std::string_view key, walk::value& w, const item& found) {
            if (key == "text") out_.text = inside_of(found);
            if (key == "toolUse") return call(w, found);
            if (key == "reasoningContent") return reasoning(w, found);
            return in_.pass(w, found, 2);
        });
    }

    bool call(walk::value& v, const item& seen) {
        return in_.inside(v, seen, 2, [this](std::string_view key, walk::value& w, const item& found) {
            if (key == "input") out_.input = inside_of(found);
            return in_.pass(w, found, 3);
        });
    }

    bool reasoning(walk::value& v, const item& seen) {
        return in_.inside(v, seen, 2, [this](std::string_view key, walk::value& w, const item& found) {
            if (key == "text") out_.reasoning = inside_of(found);
            if (key == "signature") out_.signature = inside_of(found);
            if (key == "redactedContent") out_.redacted = inside_of(found);
            return in_.pass(w, found, 3);
        });
    }

    bool start(walk::value& v, const item& seen) {
        return in_.inside(v, seen, 1, [this](std::string_view key, walk::value& w, const item& found) {
            if (key != "toolUse") return in_.pass(w, found, 2);
            out_.starts_call = found.type == kind::object;
            return in_.inside(w, found, 2, [this](std::string_view name, walk::value& x, const item& one) {
                if (name == "toolUseId") out_.id = inside_of(one);
                if (name == "name") out_.name = inside_of(one);
                return in_.pass(x, one, 3);
            });
        });
    }

    bool usage(walk::value& v, const item& seen) {
        return in_.inside(v, seen, 1, [this](std::string_view key, walk::value& w, const item& found) {
            if (key == "inputTokens") note_count(found, used_.input);
            if (key == "outputTokens") note_count(found, used_.output);
            if (key == "cacheReadInputTokens") note_count(found, used_.cache_read);
            if (key == "cacheWriteInputTokens") note_count(found, used_.cache_write);
            return in_.pass(w, found, 2);
        });
    }

    object_reader in_;
    event_said& out_;
    counts& used_;
};

} // namespace

bool read_event(std::string_view data, event_said& out, counts& used) {
    return event_reader(data, out, used).run();
}

bool read_chunk(std::string_view data, chunk_said& out, tally& used) {
    object_reader in(data);
    return in.root([&](std::string_view key, walk::value& v, const item& seen) {
        if (key == "outputText") out.text = inside_of(seen);
        if (key == "completionReason") {
            out.has_reason = seen.type == kind::string && seen.raw.size() > 2;
            out.reason = inside_of(seen);
        }
        if (key == "inputTextTokenCount") note_count(seen, used.prompt);
        if (key == "totalOutputTextTokenCount") note_count(seen, used.completion);
        if (key != "amazon-bedrock-invocationMetrics") return in.pass(v, seen, 1);
        return in.inside(v, seen, 1, [&](std::string_view name, walk::value& w, const item& found) {
            if (name == "inputTokenCount") note_count(found, used.prompt);
            if (name == "outputTokenCount") note_count(found, used.completion);
            return in.pass(w, found, 2);
        });
    });
}

std::optional<std::string_view> read_bytes(std::string_view data) {
    std::string_view bytes;
    object_reader in(data);
    const bool good = in.root([&](std::string_view key, walk::value& v, const item& seen) {
        if (key == "bytes") bytes = inside_of(seen);
        return in.pass(v, seen, 1);
    });
    if (!good) return std::nullopt;
    return bytes;
}

} // namespace sluice::providers::bedrock
