#include "providers/openai_repair.hpp"

#include "core/json/writer.hpp"
#include "providers/answer_images.hpp"
#include "providers/openai_flatten.hpp"
#include "providers/walk.hpp"

#include <algorithm>
#include <utility>

namespace sluice::providers::openai {

namespace {

using walk::item;
using walk::kind;

constexpr std::size_t most_calls = 256; // watched; the real service allows 128 in one answer

// Members of an object, put together anew.
class member_list {
public:
    void put(std::string_view member) {
        if (!text_.empty()) text_ += ',';
        text_ += member;
    }
    void put(std::string_view key, std::string_view value) {
        if (!text_.empty()) text_ += ',';
        text_.append("\"").append(key).append("\":").append(value);
    }
    void put_text(std::string_view key, std::string_view escaped) {
        put(key, std::string("\"").append(escaped).append("\""));
    }
    void put_all(const member_list& more) {
        if (!more.empty()) put(more.text_);
    }
    [[nodiscard]] bool empty() const noexcept { return text_.empty(); }
    [[nodiscard]] std::string object() const { return std::string("{").append(text_).append("}"); }

private:
    std::string text_;
};

// A message or delta as it comes in.
struct message_parts {
    std::string_view role;          // the value, quotes included
    std::string_view empty_content; // the member, when its value is "" or null
    std::optional<flat_content> flat;
    member_list rest;           // what is neither role nor empty content
    bool has_reasoning = false; // a member reasoning_content
    bool has_images = false;    // a member images
    bool has_calls = false;
    bool changed = false;
};

// Where the parts of a choice stand.
struct choice_place {
    cut message; // the value of `message` or `delta`; end 0: there is none
    cut finish;  // the value of finish_reason
    bool has_end = false;
};

class repair_reader {
public:
    repair_reader(std::string_view data, repair kind_of, repair_memory* memory, repairs_found& out)
        : data_(data)
        , kind_(kind_of)
        , memory_(memory)
        , out_(out)
        , text_(data, walk::deepest_answer) {}

    bool run();

private:
    bool choices(walk::value& v);
    bool choice(walk::value& v);
    bool message(walk::value& v, message_parts& out);
    bool tool_calls(walk::value& v, std::string& out, bool& changed);
    bool tool_call(walk::value& v, member_list& out, bool& changed);
    bool function(walk::value& v, member_list& out, bool& changed);
    std::size_t index_of_call(std::string_view id);
    std::size_t count_images(const message_parts& parts);
    void settle(const choice_place& where, message_parts& parts);
    void settle_role(const choice_place& where, message_parts& parts);
    void put_end(const choice_place& where, bool has_calls);

    // [begin, end) of a value that has been walked just now.
    std::optional<cut> span(const item& seen) {
        const auto end = text_.end_of(seen);
        if (!end) return std::nullopt;
        return cut{text_.offset(seen.raw), *end};
    }
    // The same with its key; empty when it has no end.
    std::string_view member_text(std::string_view key, const item& seen) {
        const std::size_t begin = text_.offset(key) - 1;
        const auto end = text_.end_of(seen);
        return end ? data_.substr(begin, *end - begin) : std::string_view();
    }

    std::string_view data_;
    repair kind_;
    repair_memory* memory_;
    repairs_found& out_;
    walk::text text_;
    std::size_t choice_count_ = 0;
    std::size_t index_ = 0; // of the choice that is read; its own place until it names one
    bool says_something_ = false;
};

bool repair_reader::run() {
    auto root = text_.root();
    if (!root) return false;
    const bool walked =
        text_.each_member(*root, [this](std::string_view key, walk::value& value, const item& seen) {
            const bool is_list = key == "choices" && seen.type == kind::array;
            if (!(is_list ? choices(value) : text_.pass(value, seen, 1))) return false;
            const auto where = span(seen);
            if (!where) return false;
            if (is_list) out_.choices = *where;
            if (key == "usage" && seen.type == kind::object) out_.usage = *where;
            return true;
        });
    if (!walked) return false;
    out_.is_emptied = memory_ != nullptr && choice_count_ > 0 && !says_something_;
    if (choice_count_ != 1) out_.role_edits.clear();
    return true;
}

bool repair_reader::choices(walk::value& v) {
    return text_.each_element(v, 1, [this](walk::value& element, const item& seen) {
        const bool good = seen.type == kind::object ? choice(element) : text_.pass(element, seen, 2);
        ++choice_count_;
        return good;
    });
}

bool repair_reader::choice(walk::value& v) {
    message_parts parts;
    choice_place where;
    index_ = choice_count_;
    const std::string_view message_key = memory_ != nullptr ? "delta" : "message";
    const bool walked =
        text_.each_member(v, 2, [&](std::string_view key, walk::value& value, const item& seen) {
            const bool is_message = seen.type == kind::object && key == message_key;
            if (!(is_message ? message(value, parts) : text_.pass(value, seen, 3))) return false;
            const auto here = span(seen);
            if (!here) return false;
            if (is_message) where.message = *here;
            if (key == "index") {
                const auto number = walk::to_count(seen);
                if (number && *number >= 0) index_ = static_cast<std::size_t>(*number);
            } else if (key == "finish_reason") {
                where.finish = *here;
                where.has_end = seen.type == kind::string && seen.raw.size() > 2;
            }
            return true;
        });
    if (!walked) return false;
    if (where.message.end == 0) {
        says_something_ = true; // a choice of completions, say
    } else {
        settle(where, parts);
    }
    return true;
}

bool repair_reader::message(walk::value& v, message_parts& out) {
    return text_.each_member(v, 3, [&](std::string_view key, walk::value& value, const item& seen) {
        if (key == "content" && seen.type == kind::array) {
            out.changed = true;
            return flatten(text_, value, out.flat.emplace());
        }
        std::string calls;
        bool has_new_calls = false;
        const bool is_calls = key == "tool_calls" && seen.type == kind::array;
        if (!(is_calls ? tool_calls(value, calls, has_new_calls) : text_.pass(value, seen, 4))) return false;
        out.has_calls = out.has_calls || (is_calls && calls != "[]");
        if (has_new_calls) {
            out.changed = true;
            out.rest.put(key, calls);
            return true;
        }
        const std::string_view member = member_text(key, seen);
        if (key == "role" && seen.type == kind::string) {
            out.role = seen.raw;
        } else if (key == "content" && (seen.type == kind::null || seen.raw == R"("")")) {
            out.empty_content = member;
        } else {
            out.has_reasoning = out.has_reasoning || key == "reasoning_content";
            out.has_images = out.has_images || key == "images";
            out.rest.put(member);
        }
        return !member.empty();
    });
}

bool repair_reader::tool_calls(walk::value& v, std::string& out, bool& changed) {
    out = "[";
    const bool walked = text_.each_element(v, 4, [&](walk::value& element, const item& seen) {
        if (out.size() > 1) out += ',';
        if (seen.type == kind::object) {
            member_list call;
            if (!tool_call(element, call, changed)) return false;
            out.append(call.object());
            return true;
        }
        if (!text_.pass(element, seen, 5)) return false;
        const auto where = span(seen);
        if (where) out.append(data_.substr(where->begin, where->end - where->begin));
        return where.has_value();
    });
    out += ']';
    return walked;
}

bool repair_reader::tool_call(walk::value& v, member_list& out, bool& changed) {
    bool has_index = false;
    std::string_view id;
    const bool walked =
        text_.each_member(v, 5, [&](std::string_view key, walk::value& value, const item& seen) {
            if (key == "function" && seen.type == kind::object) {
                member_list made;
                if (!function(value, made, changed)) return false;
                out.put("function", made.object());
                return true;
            }
            if (!text_.pass(value, seen, 6)) return false;
            const std::string_view member = member_text(key, seen);
            if (key == "id" && seen.type == kind::string) id = walk::without_quotes(seen.raw);
            const bool is_index = key == "index" && walk::to_count(seen);
            has_index = has_index || is_index;
            if (key != "index" || is_index) out.put(member); // null counts as missing
            return !member.empty();
        });
    if (!walked) return false;
    if (has_index || memory_ == nullptr) return true;
    changed = true;
    out.put("index", std::to_string(index_of_call(id)));
    return true;
}

bool repair_reader::function(walk::value& v, member_list& out, bool& changed) {
    return text_.each_member(v, 6, [&](std::string_view key, walk::value& value, const item& seen) {
        if (!text_.pass(value, seen, 7)) return false;
        if (key != "arguments" || seen.type != kind::object) {
            const std::string_view member = member_text(key, seen);
            out.put(member);
            return !member.empty();
        }
        const auto where = span(seen);
        if (!where) return false;
        std::string text;
        json::append_string(text, walk::minified(data_.substr(where->begin, where->end - where->begin)));
        out.put("arguments", text);
        changed = true;
        return true;
    });
}

// 0, 1, … by new id; a piece without an id belongs to the last call.
std::size_t repair_reader::index_of_call(std::string_view id) {
    std::size_t count = 0;
    for (const repair_memory::tool_call& each : memory_->calls) {
        if (each.choice != index_) continue;
        if (!id.empty() && each.id == id) return count;
        ++count;
    }
    const bool is_new = !id.empty() || count == 0;
    if (!is_new || memory_->calls.size() >= most_calls) return count == 0 ? 0 : count - 1;
    memory_->calls.push_back({index_, std::string(id)});
    return count;
}

// Those of this choice that went out before; the new ones are counted.
std::size_t repair_reader::count_images(const message_parts& parts) {
    if (memory_ == nullptr || index_ >= most_choices || !parts.flat || parts.flat->image_urls.empty())
        return 0;
    if (memory_->images.size() <= index_) memory_->images.resize(index_ + 1);
    const std::size_t before = memory_->images[index_];
    memory_->images[index_] += parts.flat->image_urls.size();
    return before;
}

// `images`: of the choice, that went out before.
void put_flat(message_parts& parts, bool in_stream, std::size_t images) {
    if (!parts.flat) return;
    if (!parts.flat->text.empty()) {
        parts.rest.put_text("content", parts.flat->text);
    } else if (!in_stream) {
        parts.rest.put("content", "null");
    }
    if (!parts.flat->reasoning.empty() && !parts.has_reasoning)
        parts.rest.put_text("reasoning_content", parts.flat->reasoning);
    std::string list;
    for (const std::string_view url : parts.flat->image_urls)
        append_image(list, images++, url);
    if (!list.empty() && !parts.has_images)
        parts.rest.put("images", std::string("[").append(list).append("]"));
}

// All of it again, what was a list as text.
std::string whole_message(const message_parts& parts) {
    member_list whole;
    if (!parts.role.empty()) whole.put("role", parts.role);
    if (!parts.empty_content.empty()) whole.put(parts.empty_content);
    whole.put_all(parts.rest);
    return whole.object();
}

void repair_reader::settle(const choice_place& where, message_parts& parts) {
    const bool in_stream = memory_ != nullptr;
    if (in_stream && parts.has_calls && index_ < most_choices) memory_->has_calls.set(index_);
    put_flat(parts, in_stream, count_images(parts));
    if (!in_stream && !where.has_end) put_end(where, parts.has_calls);
    if (in_stream && kind_ == repair::databricks && index_ < most_choices) return settle_role(where, parts);
    if (!parts.changed) {
        says_something_ = true;
        return;
    }
    std::string text = whole_message(parts);
    says_something_ = says_something_ || where.has_end || text.size() > 2;
    out_.edits.push_back({where.message.begin, where.message.end, std::move(text)});
}

// A whole answer is at its end, be it that a small server or an agent does not say so; the same as in
// streams.
void repair_reader::put_end(const choice_place& where, bool has_calls) {
    const std::string_view reason = has_calls ? R"("tool_calls")" : R"("stop")";
    if (where.finish.end != 0) {
        out_.edits.push_back({where.finish.begin, where.finish.end, std::string(reason)});
        return;
    }
    const std::size_t behind = where.message.end;
    out_.edits.push_back({behind, behind, std::string(R"(,"finish_reason":)").append(reason)});
}

// The role goes out once and alone, and "" never again.
void repair_reader::settle_role(const choice_place& where, message_parts& parts) {
    const bool had_role = memory_->has_role[index_];
    const bool shows_role = !parts.role.empty() && !had_role;
    const bool repeats = had_role && (!parts.role.empty() || !parts.empty_content.empty());
    const bool splits = shows_role && !parts.rest.empty();
    if (shows_role) memory_->has_role.set(index_);
    if (!parts.changed && !repeats && !splits) {
        says_something_ = true;
        return;
    }
    member_list role;
    role.put("role", parts.role);
    role.put("content", R"("")");
    const cut& delta = where.message;
    if (splits) {
        out_.role_edits.push_back({delta.begin, delta.end, role.object()});
        if (where.has_end) out_.role_edits.push_back({where.finish.begin, where.finish.end, "null"});
    }
    std::string text = shows_role && !splits ? role.object() : parts.rest.object();
    says_something_ = says_something_ || where.has_end || text.size() > 2;
    out_.edits.push_back({delta.begin, delta.end, std::move(text)});
}

} // namespace

repairs_found find_repairs(std::string_view data, repair kind_of, repair_memory* memory) {
    repairs_found out;
    if (!repair_reader(data, kind_of, memory, out).run()) return {}; // cannot be: the text was read before
    const auto is_before = [](const edit& a, const edit& b) { return a.begin < b.begin; };
    std::sort(out.edits.begin(), out.edits.end(), is_before);
    std::sort(out.role_edits.begin(), out.role_edits.end(), is_before);
    return out;
}

void append_edited(std::string& out, std::string_view data, const std::vector<edit>& edits) {
    std::size_t copied = 0;
    for (const edit& each : edits) {
        out.append(data.substr(copied, each.begin - copied)).append(each.text);
        copied = each.end;
    }
    out.append(data.substr(copied));
}

} // namespace sluice::providers::openai
