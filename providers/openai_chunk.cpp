#include "providers/openai_chunk.hpp"

#include "providers/told_error.hpp"
#include "providers/usage.hpp"
#include "providers/walk.hpp"

#include <optional>
#include <utility>

namespace sluice::providers::openai {

namespace {

using walk::item;
using walk::kind;

class chunk_reader {
public:
    chunk_reader(std::string_view data, chunk& out, choice_state& choices)
        : text_(data, walk::deepest_answer)
        , out_(out)
        , choices_(choices) {}

    bool run();

private:
    bool one_member(walk::field& of);
    bool one_value(std::string_view key, walk::value& v, const item& seen);
    bool choices(walk::value& v, const item& seen);
    bool choice(walk::value& v, const item& seen);
    void note_member(bool is_usage, std::size_t begin, std::size_t end);

    walk::text text_;
    chunk& out_;
    choice_state& choices_;
    std::size_t previous_end_ = 0;
    std::optional<std::size_t> open_cut_; // of members before which none is kept: goes on to the next member
};

bool chunk_reader::run() {
    auto root = text_.root();
    if (!root) return false;
    for (auto next : *root) {
        walk::field of;
        if (std::move(next).get(of)) return text_.failed(walk::fault::not_json);
        if (!one_member(of)) return false;
    }
    if (open_cut_) out_.cuts.push_back({*open_cut_, previous_end_});
    return text_.complete();
}

bool chunk_reader::one_member(walk::field& of) {
    const auto key = text_.key(of);
    if (!key) return false;
    walk::value& v = of.value();
    const item seen = text_.look(v);
    if (seen.type == kind::invalid || !one_value(key->raw, v, seen)) return false;
    const auto end = text_.end_of(seen);
    if (!end) return false;
    note_member(key->raw == "usage", text_.offset(key->raw) - 1, *end);
    return true;
}

// A `usage` goes with the comma before it, or, as long as nothing before it is kept, with the one behind it.
void chunk_reader::note_member(bool is_usage, std::size_t begin, std::size_t end) {
    if (!is_usage) {
        if (open_cut_) out_.cuts.push_back({*open_cut_, begin});
        open_cut_.reset();
        out_.has_others = true;
    } else if (out_.has_others) {
        out_.cuts.push_back({previous_end_, end});
    } else if (!open_cut_) {
        open_cut_ = begin;
    }
    previous_end_ = end;
}

bool chunk_reader::one_value(std::string_view key, walk::value& v, const item& seen) {
    if (key == "choices") {
        out_.has_choices = true;
        return choices(v, seen);
    }
    if (key == "usage") {
        out_.has_usage = seen.type != kind::null;
        return read_usage(text_, v, seen, out_.used);
    }
    if (key == "error") {
        out_.is_other_error = out_.is_other_error || seen.type != kind::null;
        return read_error(text_, v, seen, 1, out_.is_error);
    }
    if (key == "type") {
        out_.is_other_error = out_.is_other_error || seen.raw == R"("error")";
        out_.is_ping = seen.raw == R"("ping")";
    } else if (key == "object" || key == "message") {
        const bool is_text = key == "message" && seen.type == kind::string;
        out_.is_other_error = out_.is_other_error || is_text || seen.raw == R"("error")";
    } else if (key == "detail" || key == "error_code") {
        out_.is_other_error = out_.is_other_error || seen.type != kind::null;
    }
    return text_.pass(v, seen, 1);
}

bool chunk_reader::choices(walk::value& v, const item& seen) {
    if (seen.type != kind::array) return text_.pass(v, seen, 1);
    auto list = text_.open_array(v, 1);
    if (!list) return false;
    for (auto next : *list) {
        walk::value element;
        if (std::move(next).get(element)) return text_.failed(walk::fault::not_json);
        const item outside = text_.look(element);
        out_.has_choice = true;
        if (!choice(element, outside)) return false;
    }
    return true;
}

bool chunk_reader::choice(walk::value& v, const item& seen) {
    if (seen.type != kind::object) return text_.pass(v, seen, 2);
    auto members = text_.open_object(v, 2);
    if (!members) return false;
    std::size_t index = 0;
    bool has_content = false;
    bool has_end = false;
    for (auto next : *members) {
        walk::field of;
        if (std::move(next).get(of)) return text_.failed(walk::fault::not_json);
        const auto key = text_.key(of);
        if (!key) return false;
        const item inner = text_.look(of.value());
        if (key->raw == "delta" || key->raw == "text") {
            has_content = inner.type != kind::null;
            out_.has_text = out_.has_text || key->raw == "text";
        } else if (key->raw == "finish_reason") {
            // "" in the middle of a stream is no end.
            has_end = inner.type == kind::string && inner.raw.size() > 2;
        } else if (key->raw == "index") {
            const auto number = walk::to_count(inner);
            index = number && *number >= 0 ? static_cast<std::size_t>(*number) : 0;
        }
        if (!text_.pass(of.value(), inner, 3)) return false;
    }
    if (!has_content && !has_end) return true;
    out_.all_empty = false;
    if (index < most_choices) {
        choices_.begun.set(index);
        if (has_end) choices_.ended.set(index);
    }
    return true;
}

} // namespace

bool read_chunk(std::string_view data, chunk& out, choice_state& choices) {
    return chunk_reader(data, out, choices).run();
}

} // namespace sluice::providers::openai
