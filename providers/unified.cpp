#include "providers/unified.hpp"

#include "providers/extra_params.hpp"
#include "providers/names.hpp"
#include "providers/own_members.hpp"
#include "providers/sentence.hpp"
#include "providers/walk.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace sluice::providers::unified {

namespace {

using walk::item;
using walk::kind;
using walk::value;

// A body with more top-level members is no call of any client; the bound keeps the memory of a hostile one
// small.
constexpr std::size_t most_members = 1000;

error bad(std::string text) {
    return error{errc::bad_request, std::move(text)};
}

error not_json(walk::fault why) {
    switch (why) {
    case walk::fault::too_deep: return bad("The request body is nested deeper than 64 levels.");
    case walk::fault::not_object: return bad("The request body must be a JSON object.");
    default: return bad("The request body is not valid JSON.");
    }
}

// Reads one body. Its functions return false once fault or refusal is noted.
class body_reader {
public:
    explicit body_reader(call& out)
        : out_(out)
        , main_(main_member(out.kind))
        , text_(out.body) {}

    result<void> run();

private:
    bool members();
    bool one_member(walk::field& of);
    bool is_known_once(known name, std::string_view key);
    bool one_value(known name, value& v, const item& seen);
    bool sampling(known name, value& v, const item& seen);
    bool messages(value& v, const item& seen);
    bool texts(known name, value& v, const item& seen);
    bool input(value& v, const item& seen);
    bool own(known name, value& v, const item& seen);
    bool stream_options(value& v, const item& seen);
    bool include_usage(value& v);
    bool in_range(known name, const item& seen, int least, int most);

    bool refuse(std::string text) {
        refusal_ = bad(std::move(text));
        return false;
    }
    bool must_be(known name, std::string_view what) {
        return refuse(sentence({"'", to_string(name), "' must be ", what, "."}));
    }
    bool wrong_main();
    bool missing_main();

    call& out_;
    known main_;
    walk::text text_;
    std::uint32_t names_seen_ = 0; // bit per known name
    std::string unescaped_;        // of a key with escapes
    std::optional<error> refusal_;
};

bool body_reader::wrong_main() {
    return refuse(sentence({"'",
                            to_string(main_),
                            "' must be ",
                            shape_of(main_),
                            " (task ",
                            providers::to_string(out_.kind),
                            ")."}));
}

bool body_reader::missing_main() {
    std::string text = sentence({"'",
                                 to_string(main_),
                                 "' is missing: a query of task ",
                                 providers::to_string(out_.kind),
                                 " needs '",
                                 to_string(main_),
                                 "', ",
                                 shape_of(main_),
                                 "."});
    for (const task other : {task::chat, task::completions, task::embeddings}) {
        const known theirs = main_member(other);
        if (theirs == main_ || out_.find(theirs) == nullptr) continue;
        text += sentence({" Use '",
                          to_string(main_),
                          "' instead of '",
                          to_string(theirs),
                          "', which belongs to ",
                          providers::to_string(other),
                          "."});
    }
    return refuse(std::move(text));
}

result<void> body_reader::run() {
    if (members()) return {};
    return fail(refusal_ ? *std::move(refusal_) : not_json(text_.why()));
}

bool body_reader::members() {
    auto root = text_.root();
    if (!root) return false;
    for (auto next : *root) {
        walk::field of;
        if (std::move(next).get(of)) return text_.failed(walk::fault::not_json);
        if (!one_member(of)) return false;
    }
    if (!text_.complete()) return false;
    if (out_.find(main_) == nullptr) return missing_main();
    if (out_.stream && out_.kind == task::embeddings)
        return refuse("'stream' is not supported for llm/v1/embeddings.");
    return true;
}

bool body_reader::one_member(walk::field& of) {
    const auto key = text_.key(of);
    if (!key) return false;
    std::string_view name = key->raw;
    if (key->escaped) {
        unescaped_.clear();
        walk::append_unescaped(unescaped_, name);
        name = unescaped_;
    }
    member found;
    found.name = known_name(name);
    found.begin = text_.offset(key->raw) - 1;
    found.key_end = found.begin + key->raw.size() + 2;
    if (!is_known_once(found.name, name)) return false;

    value& v = of.value();
    const item seen = text_.look(v);
    if (seen.type == kind::invalid || !one_value(found.name, v, seen)) return false;
    const auto end = text_.end_of(seen);
    if (!end) return false;
    found.value_end = *end;
    found.value_begin = text_.offset(seen.raw);
    out_.members.push_back(found);
    return true;
}

bool body_reader::is_known_once(known name, std::string_view key) {
    if (out_.members.size() == most_members) return refuse("The request body has more than 1000 members.");
    if (name == known::other) {
        if (!is_custom_model_input(key)) return true;
        return refuse(sentence({"'",
                                key,
                                "' is for custom models: a query of task ",
                                providers::to_string(out_.kind),
                                " needs '",
                                to_string(main_),
                                "', ",
                                shape_of(main_),
                                "."}));
    }
    const std::uint32_t bit = std::uint32_t{1} << static_cast<unsigned>(name);
    if ((names_seen_ & bit) != 0) return refuse(sentence({"'", key, "' is given twice."}));
    names_seen_ |= bit;
    return true;
}

bool body_reader::one_value(known name, value& v, const item& seen) {
    switch (name) {
    case known::model:
        // Text names the endpoint on some paths; anything else is ignored like a wrong name (api.md §10.1).
        if (seen.type == kind::string) walk::append_unescaped(out_.model, walk::without_quotes(seen.raw));
        return text_.pass(v, seen, 1);
    case known::stream:
        if (seen.type != kind::boolean && seen.type != kind::null) return must_be(name, "true or false");
        out_.stream = seen.raw == "true";
        return true;
    case known::messages: return main_ == name ? messages(v, seen) : text_.pass(v, seen, 1);
    case known::prompt: return main_ == name ? texts(name, v, seen) : text_.pass(v, seen, 1);
    case known::input: return main_ == name ? input(v, seen) : text_.pass(v, seen, 1);
    case known::stop: return seen.type == kind::null || texts(name, v, seen);
    case known::stream_options: return stream_options(v, seen);
    case known::extra_params:
    case known::client_request_id:
    case known::usage_context: return own(name, v, seen);
    case known::other: return text_.pass(v, seen, 1);
    default: return sampling(name, v, seen);
    }
}

bool body_reader::sampling(known name, value& v, const item& seen) {
    if (seen.type == kind::null) return true;
    switch (name) {
    case known::temperature: return in_range(name, seen, 0, 2);
    case known::top_p: return in_range(name, seen, 0, 1);
    case known::presence_penalty:
    case known::frequency_penalty: return in_range(name, seen, -2, 2);
    case known::n:
    case known::top_k:
    case known::max_tokens:
    case known::max_completion_tokens:
        return walk::to_integer(seen).value_or(0) >= 1 || must_be(name, "an integer of at least 1");
    default: return text_.pass(v, seen, 1);
    }
}

bool body_reader::in_range(known name, const item& seen, int least, int most) {
    const auto number = walk::to_number(seen);
    if (number && *number >= least && *number <= most) return true;
    return must_be(name, sentence({"a number from ", std::to_string(least), " to ", std::to_string(most)}));
}

bool body_reader::messages(value& v, const item& seen) {
    if (seen.type != kind::array) return wrong_main();
    auto list = text_.open_array(v, 1);
    if (!list) return false;
    bool any = false;
    for (auto next : *list) {
        value message;
        if (std::move(next).get(message)) return text_.failed(walk::fault::not_json);
        const item outside = text_.look(message);
        if (outside.type == kind::invalid) return false;
        if (outside.type != kind::object) return wrong_main();
        if (!text_.pass(message, outside, 2)) return false;
        any = true;
    }
    return any || wrong_main();
}

bool body_reader::texts(known name, value& v, const item& seen) {
    const auto wrong = [&] {
        return name == main_ ? wrong_main() : must_be(name, "a text or a list of texts");
    };
    if (seen.type == kind::string) return true;
    if (seen.type != kind::array) return wrong();
    auto list = text_.open_array(v, 1);
    if (!list) return false;
    for (auto next : *list) {
        value element;
        if (std::move(next).get(element)) return text_.failed(walk::fault::not_json);
        const item outside = text_.look(element);
        if (outside.type == kind::invalid) return false;
        if (outside.type != kind::string) return wrong();
    }
    return true;
}

bool body_reader::input(value& v, const item& seen) {
    if (seen.type != kind::string && seen.type != kind::array) return wrong_main();
    return text_.pass(v, seen, 1);
}

bool body_reader::own(known name, value& v, const item& seen) {
    std::string refusal;
    if (read_own_member(name, text_, v, seen, out_, refusal)) return true;
    return !refusal.empty() && refuse(std::move(refusal));
}

bool body_reader::stream_options(value& v, const item& seen) {
    if (seen.type == kind::null) return true;
    if (seen.type != kind::object) return must_be(known::stream_options, "an object");
    auto options = text_.open_object(v, 1);
    if (!options) return false;
    for (auto next : *options) {
        walk::field of;
        if (std::move(next).get(of)) return text_.failed(walk::fault::not_json);
        const auto key = text_.key(of);
        if (!key) return false;
        unescaped_.clear();
        walk::append_unescaped(unescaped_, key->raw);
        if (unescaped_ == "include_usage") {
            if (!include_usage(of.value())) return false;
        } else if (!text_.check(of.value(), 2)) {
            return false;
        }
    }
    return true;
}

bool body_reader::include_usage(value& v) {
    const item seen = text_.look(v);
    if (seen.type == kind::invalid) return false;
    if (seen.type != kind::boolean && seen.type != kind::null) {
        return refuse("'stream_options.include_usage' must be true or false.");
    }
    if (out_.include_usage_end != 0) return refuse("'stream_options.include_usage' is given twice.");
    out_.include_usage = seen.raw == "true";
    out_.include_usage_begin = text_.offset(seen.raw);
    out_.include_usage_end = out_.include_usage_begin + seen.raw.size();
    return true;
}

} // namespace

void reset(call& out, task wanted, std::string_view body) {
    out.kind = wanted;
    out.body = body;
    out.members.clear();
    out.model.clear();
    out.stream = false;
    out.include_usage = false;
    out.is_translated = false;
    out.asks_no_usage = false;
    out.include_usage_begin = 0;
    out.include_usage_end = 0;
    out.client_request_id.clear();
    out.extra.clear();
    out.forwarded.clear();
}

const member* call::find(known name) const noexcept {
    for (const member& each : members) {
        if (each.name == name) return &each;
    }
    return nullptr;
}

result<void> parse(task kind, std::string_view body, call& out) {
    reset(out, kind, body);
    if (auto read = body_reader(out).run(); !read) return read;
    // After the reader is gone: the thread has one parser.
    if (const member* extra = out.find(known::extra_params)) return read_extra_params(*extra, out);
    return {};
}

result<std::string> peek_model(std::string_view body) {
    walk::text text(body);
    auto root = text.root();
    if (!root) return fail(not_json(text.why()));
    for (auto next : *root) {
        walk::field of;
        if (std::move(next).get(of)) return fail(not_json(walk::fault::not_json));
        const auto key = text.key(of);
        if (!key) return fail(not_json(text.why()));
        std::string name;
        walk::append_unescaped(name, key->raw);
        if (name != "model") continue;
        const item seen = text.look(of.value());
        if (seen.type == walk::kind::invalid) return fail(not_json(text.why()));
        if (seen.type != walk::kind::string)
            return fail(errc::bad_request, "'model' must be a text: the name of an endpoint.");
        std::string model;
        walk::append_unescaped(model, walk::without_quotes(seen.raw));
        return model;
    }
    return fail(errc::bad_request, "'model' is missing: it names the endpoint.");
}

} // namespace sluice::providers::unified
