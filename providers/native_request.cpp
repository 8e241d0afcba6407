// Requests of a client's own dialect.
#include "core/json/writer.hpp"
#include "providers/native.hpp"
#include "providers/sentence.hpp"
#include "providers/walk.hpp"

#include <algorithm>
#include <optional>

namespace sluice::providers::native {

namespace {

using unified::known;

constexpr std::size_t most_members = 1000;

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
    bool value(known name, walk::value& v, const walk::item& seen);
    [[nodiscard]] known name_of(std::string_view key) const;

    dialect speaks_;
    unified::call& out_;
    walk::text text_;
    std::string_view refusal_;
};

known body_reader::name_of(std::string_view key) const {
    if (speaks_ == dialect::gemini) return known::other;
    if (key == "model") return known::model;
    return key == "stream" ? known::stream : known::other;
}

bool body_reader::value(known name, walk::value& v, const walk::item& seen) {
    if (name == known::model) {
        if (seen.type != walk::kind::string) {
            refusal_ = "'model' must be a text: the name of an endpoint.";
            return false;
        }
        walk::append_unescaped(out_.model, walk::without_quotes(seen.raw));
    }
    if (name == known::stream) {
        if (seen.type != walk::kind::boolean && seen.type != walk::kind::null) {
            refusal_ = "'stream' must be true or false.";
            return false;
        }
        out_.stream = seen.raw == "true";
    }
    return text_.pass(v, seen, 1);
}

bool body_reader::member(walk::field& of) {
    const auto key = text_.key(of);
    if (!key) return false;
    unified::member found;
    std::string plain;
    if (key->escaped) walk::append_unescaped(plain, key->raw);
    found.name = name_of(key->escaped ? std::string_view(plain) : key->raw);
    found.begin = text_.offset(key->raw) - 1;
    found.key_end = found.begin + key->raw.size() + 2;
    if (out_.members.size() == most_members) {
        refusal_ = "The request body has more than 1000 members.";
        return false;
    }
    if (found.name != known::other && out_.find(found.name) != nullptr) {
        refusal_ = found.name == known::model ? "'model' is given twice." : "'stream' is given twice.";
        return false;
    }
    walk::value& v = of.value();
    const walk::item seen = text_.look(v);
    if (seen.type == walk::kind::invalid || !value(found.name, v, seen)) return false;
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
    return body_reader(speaks, out).run();
}

target begin_beside(const target& of, const upstream_api& via) {
    target to;
    to.via = &via;
    to.provider_name = of.provider_name;
    to.kind = of.kind;
    to.to = of.to;
    to.model = of.model;
    to.model_json = of.model_json;
    to.credential = of.credential;
    to.keys = of.keys;
    return to;
}

void splice(const unified::call& call, const target& to, const flavour& of, upstream_request& out) {
    out.clear();
    const unified::member* const model = call.find(known::model); // Gemini's bodies have none
    const std::string_view body = call.body;
    if (model != nullptr && of.sends_model && of.body_version.empty()) {
        out.body.push_back(body.substr(0, model->value_begin));
        out.body.emplace_back(to.model_json);
        out.body.push_back(body.substr(model->value_end));
    } else if (of.body_version.empty()) {
        out.body.push_back(body);
    } else {
        // The client's own version says what its service is, which is another one.
        out.storage = R"({"anthropic_version":)";
        json::append_string(out.storage, of.body_version);
        out.body.emplace_back(out.storage);
        for (const unified::member& each : call.members) {
            const bool is_left_out =
                each.name == known::model ||
                body.substr(each.begin, each.key_end - each.begin) == R"("anthropic_version")";
            if (is_left_out) continue;
            out.body.emplace_back(",");
            out.body.push_back(body.substr(each.begin, each.value_end - each.begin));
        }
        out.body.emplace_back("}");
    }
    for (const std::string_view piece : out.body)
        out.body_size += piece.size();
    out.head_tail = call.forwarded;
    out.head_tail += "Content-Length: ";
    json::append_number(out.head_tail, static_cast<std::int64_t>(out.body_size));
    out.head_tail += "\r\n\r\n";
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
