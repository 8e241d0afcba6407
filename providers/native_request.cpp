// Requests of a client's own dialect, read.
#include "providers/extra_params.hpp"
#include "providers/key_set.hpp"
#include "providers/names.hpp"
#include "providers/native.hpp"
#include "providers/own_members.hpp"
#include "providers/sentence.hpp"
#include "providers/walk.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace sluice::providers::native {

namespace {

using unified::known;

constexpr std::size_t most_members = 1000;
constexpr std::string_view background = "background";
// What the gateway refuses or sets, and so does not take from extra_params either.
constexpr std::array<std::string_view, 2> reserved = {background, "anthropic_version"};

tl::unexpected<error> bad(std::string_view text) {
    return fail(errc::bad_request, std::string(text));
}

class body_reader {
public:
    body_reader(dialect speaks, unified::call& out)
        : speaks_(speaks)
        , out_(out)
        , text_(out.body) {}

    result<void> run();

private:
    bool member(walk::field& of);
    bool value(known name, std::string_view key, walk::value& v, const walk::item& seen);
    [[nodiscard]] known name_of(std::string_view key) const;

    bool refuse(std::string text) {
        refusal_ = std::move(text);
        return false;
    }

    dialect speaks_;
    unified::call& out_;
    walk::text text_;
    key_set keys_;
    std::string refusal_;
};

known body_reader::name_of(std::string_view key) const {
    const known name = unified::known_name(key);
    if (unified::is_own(name)) return name;
    const bool in_path = speaks_ == dialect::gemini;
    return !in_path && (name == known::model || name == known::stream) ? name : known::other;
}

bool body_reader::value(known name, std::string_view key, walk::value& v, const walk::item& seen) {
    const bool is_switch = seen.type == walk::kind::boolean || seen.type == walk::kind::null;
    if (unified::is_own(name)) return unified::read_own_member(name, text_, v, seen, out_, refusal_);
    if (name == known::model) {
        if (seen.type != walk::kind::string)
            return refuse("'model' must be a text: the name of an endpoint.");
        walk::append_unescaped(out_.model, walk::without_quotes(seen.raw));
    }
    if (name == known::stream) {
        if (!is_switch) return refuse("'stream' must be true or false.");
        out_.stream = seen.raw == "true";
    }
    if (speaks_ == dialect::responses && key == background) {
        if (!is_switch) return refuse("'background' must be true or false.");
        if (seen.raw == "true")
            return refuse("Parameter background is not supported: an answer that is fetched later is not "
                          "counted. Ask for a stream instead.");
    }
    return text_.pass(v, seen, 1);
}

// Of a member that is given twice, services take one or the other, so none may be.
bool body_reader::member(walk::field& of) {
    const auto raw = text_.key(of);
    if (!raw) return false;
    if (out_.members.size() == most_members) return refuse("The request body has more than 1000 members.");
    const auto [key, is_new] = keys_.add(raw->raw);
    unified::member found;
    found.name = name_of(key);
    found.begin = text_.offset(raw->raw) - 1;
    found.key_end = found.begin + raw->raw.size() + 2;
    if (!is_new) {
        constexpr std::size_t longest_shown = 64;
        return refuse(key.size() > longest_shown ? "A member is given twice."
                                                 : sentence({"'", key, "' is given twice."}));
    }
    walk::value& v = of.value();
    const walk::item seen = text_.look(v);
    if (seen.type == walk::kind::invalid || !value(found.name, key, v, seen)) return false;
    const auto end = text_.end_of(seen);
    if (!end) return false;
    found.value_end = *end;
    found.value_begin = text_.offset(seen.raw);
    out_.members.push_back(found);
    return true;
}

result<void> body_reader::run() {
    auto root = text_.root();
    bool good = root.has_value();
    if (good) {
        for (auto next : *root) {
            walk::field of;
            if (std::move(next).get(of)) {
                good = text_.failed(walk::fault::not_json);
            } else {
                good = member(of);
            }
            if (!good) break;
        }
    }
    if (good && text_.complete()) return {};
    if (!refusal_.empty()) return bad(refusal_);
    switch (text_.why()) {
    case walk::fault::too_deep: return bad("The request body is nested deeper than 64 levels.");
    case walk::fault::not_object: return bad("The request body must be a JSON object.");
    default: return bad("The request body is not valid JSON.");
    }
}

// The length in tokens of one text: about four letters of ASCII each, one of other scripts.
double tokens_of(std::string_view text) {
    double sum = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80U) sum += 0.25;
        if (byte >= 0xC0U) sum += 1;
    }
    return sum;
}

constexpr double tokens_of_an_image = 1600;

} // namespace

result<void> parse(dialect speaks, std::string_view body, unified::call& out) {
    unified::reset(out, task::chat, body);
    if (auto read = body_reader(speaks, out).run(); !read) return read;
    // After the reader is gone: the thread has one parser.
    if (const unified::member* extra = out.find(known::extra_params))
        return unified::read_extra_params(*extra, out, reserved);
    return {};
}

std::int64_t estimate_tokens(std::string_view body) {
    double sum = 0;
    bool in_text = false;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < body.size(); ++i) {
        const char c = body[i];
        if (in_text && c == '\\') {
            ++i;
        } else if (c == '"') {
            in_text = !in_text;
            if (in_text) {
                begin = i + 1;
                continue;
            }
            const std::string_view text = body.substr(begin, i - begin);
            const bool is_data = text.size() > 256 && text.find(' ') == std::string_view::npos;
            sum += is_data ? std::min(tokens_of(text), tokens_of_an_image) : tokens_of(text);
        }
    }
    return std::max<std::int64_t>(1, static_cast<std::int64_t>(sum));
}

} // namespace sluice::providers::native
