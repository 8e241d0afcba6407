#include "providers/gemini_event.hpp"

#include "providers/told_error.hpp"
#include "providers/walk.hpp"

namespace sluice::providers::gemini {

namespace {

using walk::item;
using walk::kind;

std::string_view inside_of(const item& seen) noexcept {
    return seen.type == kind::string ? walk::without_quotes(seen.raw) : std::string_view();
}

class event_reader {
public:
    event_reader(std::string_view data, event_said& out)
        : data_(data)
        , text_(data, walk::deepest_answer)
        , out_(out) {}

    bool run();

private:
    using member_function = bool (event_reader::*)(std::string_view key,
                                                   walk::value& v,
                                                   const item& seen,
                                                   int depth);

    // The members of an object; a value of another type is passed.
    bool inside(walk::value& v, const item& seen, member_function each, int depth);
    bool root_member(std::string_view key, walk::value& v, const item& seen, int depth);
    bool candidates(walk::value& v, const item& seen, int depth);
    bool candidate_member(std::string_view key, walk::value& v, const item& seen, int depth);
    bool content_member(std::string_view key, walk::value& v, const item& seen, int depth);
    bool part_member(std::string_view key, walk::value& v, const item& seen, int depth);
    bool call_member(std::string_view key, walk::value& v, const item& seen, int depth);
    bool data_member(std::string_view key, walk::value& v, const item& seen, int depth);
    bool usage_member(std::string_view key, walk::value& v, const item& seen, int depth);
    bool feedback_member(std::string_view key, walk::value& v, const item& seen, int depth);
    bool keep_part();

    std::string_view data_;
    walk::text text_;
    event_said& out_;
    std::size_t first_part_ = 0; // of the candidate that is read
    part_said part_;             // that is read
};

bool event_reader::run() {
    auto root = text_.root();
    if (!root) return false;
    const bool good =
        text_.each_member(*root, [this](std::string_view key, walk::value& v, const item& seen) {
            return root_member(key, v, seen, 1);
        });
    return good && text_.complete();
}

bool event_reader::inside(walk::value& v, const item& seen, member_function each, int depth) {
    if (seen.type != kind::object) return text_.pass(v, seen, depth);
    return text_.each_member(v, depth, [&](std::string_view key, walk::value& value, const item& found) {
        return (this->*each)(key, value, found, depth + 1);
    });
}

bool event_reader::root_member(std::string_view key, walk::value& v, const item& seen, int depth) {
    if (key == "candidates") return candidates(v, seen, depth);
    if (key == "usageMetadata") {
        out_.used = counts();
        return inside(v, seen, &event_reader::usage_member, depth);
    }
    if (key == "promptFeedback") return inside(v, seen, &event_reader::feedback_member, depth);
    if (key == "responseId") out_.id = inside_of(seen);
    if (key == "modelVersion") out_.model = inside_of(seen);
    if (key == "error") return read_error(text_, v, seen, depth, out_.is_error);
    if (key == "detail" || key == "message")
        out_.is_other_error = out_.is_other_error || seen.type != kind::null;
    return text_.pass(v, seen, depth);
}

bool event_reader::candidates(walk::value& v, const item& seen, int depth) {
    out_.candidates.clear();
    out_.parts.clear();
    if (seen.type != kind::array) return text_.pass(v, seen, depth);
    return text_.each_element(v, depth, [&](walk::value& one, const item& found) {
        if (out_.candidates.size() == most_candidates) return false;
        candidate_said added;
        added.index = out_.candidates.size();
        out_.candidates.push_back(added);
        first_part_ = out_.parts.size();
        return inside(one, found, &event_reader::candidate_member, depth + 1);
    });
}

bool event_reader::candidate_member(std::string_view key, walk::value& v, const item& seen, int depth) {
    candidate_said& of = out_.candidates.back();
    if (key == "content") {
        out_.parts.resize(first_part_);
        return inside(v, seen, &event_reader::content_member, depth);
    }
    if (key == "finishReason") {
        of.finish_reason = inside_of(seen);
        of.has_finish_reason = !of.finish_reason.empty();
    }
    if (key == "index") {
        const auto index = walk::to_count(seen);
        if (index && *index >= 0 && *index < static_cast<std::int64_t>(most_candidates))
            of.index = static_cast<std::size_t>(*index);
    }
    return text_.pass(v, seen, depth);
}

bool event_reader::content_member(std::string_view key, walk::value& v, const item& seen, int depth) {
    if (key != "parts" || seen.type != kind::array) return text_.pass(v, seen, depth);
    out_.parts.resize(first_part_);
    return text_.each_element(v, depth, [&](walk::value& one, const item& found) {
        part_ = part_said();
        part_.candidate = out_.candidates.size() - 1;
        return inside(one, found, &event_reader::part_member, depth + 1) && keep_part();
    });
}

bool event_reader::keep_part() {
    if (part_.name.empty() && part_.text.empty() && part_.data.empty()) return true;
    if (out_.parts.size() == most_parts) return false;
    out_.parts.push_back(part_);
    return true;
}

bool event_reader::part_member(std::string_view key, walk::value& v, const item& seen, int depth) {
    if (key == "functionCall") return inside(v, seen, &event_reader::call_member, depth);
    if (key == "inlineData") return inside(v, seen, &event_reader::data_member, depth);
    if (key == "text") part_.text = inside_of(seen);
    if (key == "thoughtSignature") part_.signature = inside_of(seen);
    if (key == "thought") part_.is_thought = seen.raw == "true";
    return text_.pass(v, seen, depth);
}

bool event_reader::call_member(std::string_view key, walk::value& v, const item& seen, int depth) {
    if (key == "name") part_.name = inside_of(seen);
    if (key == "id") part_.id = inside_of(seen);
    if (!text_.pass(v, seen, depth)) return false;
    if (key != "args" || seen.type != kind::object) return true;
    const auto end = text_.end_of(seen);
    if (!end) return false;
    const std::size_t begin = text_.offset(seen.raw);
    part_.arguments = data_.substr(begin, *end - begin);
    return true;
}

bool event_reader::data_member(std::string_view key, walk::value& v, const item& seen, int depth) {
    if (key == "mimeType") part_.media_type = inside_of(seen);
    if (key == "data") part_.data = inside_of(seen);
    return text_.pass(v, seen, depth);
}

bool event_reader::usage_member(std::string_view key, walk::value& v, const item& seen, int depth) {
    const auto number = walk::to_count(seen);
    if (key == "promptTokenCount") out_.used.prompt = number;
    if (key == "toolUsePromptTokenCount") out_.used.tool_prompt = number;
    if (key == "candidatesTokenCount") out_.used.candidates = number;
    if (key == "thoughtsTokenCount") out_.used.thoughts = number;
    if (key == "cachedContentTokenCount") out_.used.cached = number;
    if (key == "totalTokenCount") out_.used.total = number;
    return text_.pass(v, seen, depth);
}

bool event_reader::feedback_member(std::string_view key, walk::value& v, const item& seen, int depth) {
    if (key == "blockReason") out_.is_blocked = !inside_of(seen).empty();
    return text_.pass(v, seen, depth);
}

} // namespace

bool read_event(std::string_view data, event_said& out) {
    return event_reader(data, out).run();
}

} // namespace sluice::providers::gemini
