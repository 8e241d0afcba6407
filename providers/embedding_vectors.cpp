#include "providers/embedding_vectors.hpp"

#include "providers/tally.hpp"
#include "providers/told_error.hpp"
#include "providers/walk.hpp"

#include <algorithm>
#include <string>

namespace sluice::providers {

namespace {

using walk::item;
using walk::kind;

class vectors_reader {
public:
    vectors_reader(std::string_view body,
                   const vector_places& where,
                   embeddings_writer& into,
                   vectors_found& out)
        : body_(body)
        , text_(body, walk::deepest_answer)
        , where_(where)
        , into_(into)
        , out_(out) {}

    bool run();

private:
    // One element of the list, or the root in its place.
    struct element {
        std::string_view vector; // the last one that it has
        std::optional<std::int64_t> tokens;
    };

    bool root_member(std::string_view key, walk::value& v, const item& seen, element& of);
    bool element_value(walk::value& v, const item& seen, int depth);
    bool inner_member(std::string_view key, walk::value& v, const item& seen, int depth, element& of);
    bool keep_vector(walk::value& v, const item& seen, int depth, element& of);
    bool one_count(walk::value& v,
                   const item& seen,
                   int depth,
                   std::string_view name,
                   std::optional<std::int64_t>& into);
    void put(const element& of);

    std::string_view body_;
    walk::text text_;
    const vector_places& where_;
    embeddings_writer& into_;
    vectors_found& out_;
    bool is_bad_ = false; // a vector is; what is counted may stand behind it
};

bool vectors_reader::run() {
    auto root = text_.root();
    if (!root) return false;
    element only;
    const bool good = text_.each_member(*root, [&](std::string_view key, walk::value& v, const item& seen) {
        return root_member(key, v, seen, only);
    });
    if (!good || !text_.complete()) return false;
    if (where_.list.empty() && !only.vector.empty()) put(only);
    return !is_bad_;
}

bool vectors_reader::root_member(std::string_view key, walk::value& v, const item& seen, element& of) {
    constexpr int depth = 1;
    if (key == "error") return read_error(text_, v, seen, depth, out_.is_error);
    if (key == "usageMetadata") return one_count(v, seen, depth, "promptTokenCount", out_.prompt);
    if (where_.list.empty()) {
        if (key != where_.inner || seen.type != kind::object) return text_.pass(v, seen, depth);
        return text_.each_member(v, depth, [&](std::string_view name, walk::value& value, const item& found) {
            return inner_member(name, value, found, depth + 1, of);
        });
    }
    if (key != where_.list || seen.type != kind::array) return text_.pass(v, seen, depth);
    return text_.each_element(v, depth, [&](walk::value& value, const item& found) {
        return element_value(value, found, depth + 1);
    });
}

bool vectors_reader::element_value(walk::value& v, const item& seen, int depth) {
    if (seen.type != kind::object) {
        is_bad_ = true;
        return text_.pass(v, seen, depth);
    }
    element one;
    const auto inside = [&](std::string_view key, walk::value& value, const item& found) {
        if (where_.inner.empty()) return inner_member(key, value, found, depth + 1, one);
        if (key != where_.inner || found.type != kind::object) return text_.pass(value, found, depth + 1);
        return text_.each_member(
            value, depth + 1, [&](std::string_view name, walk::value& deep, const item& there) {
                return inner_member(name, deep, there, depth + 2, one);
            });
    };
    if (!text_.each_member(v, depth, inside)) return false;
    put(one);
    return true;
}

bool vectors_reader::inner_member(
    std::string_view key, walk::value& v, const item& seen, int depth, element& of) {
    if (key == where_.values && seen.type == kind::array) return keep_vector(v, seen, depth, of);
    if (key == "statistics") return one_count(v, seen, depth, "token_count", of.tokens);
    return text_.pass(v, seen, depth);
}

bool vectors_reader::keep_vector(walk::value& v, const item& seen, int depth, element& of) {
    if (!text_.pass(v, seen, depth)) return false;
    const auto end = text_.end_of(seen);
    if (!end) return false;
    const std::size_t begin = text_.offset(seen.raw);
    of.vector = body_.substr(begin, *end - begin);
    return true;
}

bool vectors_reader::one_count(
    walk::value& v, const item& seen, int depth, std::string_view name, std::optional<std::int64_t>& into) {
    if (seen.type != kind::object) return text_.pass(v, seen, depth);
    return text_.each_member(v, depth, [&](std::string_view key, walk::value& value, const item& found) {
        if (key == name) into = walk::to_count(found);
        return text_.pass(value, found, depth + 1);
    });
}

void vectors_reader::put(const element& of) {
    if (of.tokens) out_.tokens = add_counts(out_.tokens.value_or(0), *of.tokens);
    is_bad_ = is_bad_ || !into_.add(of.vector);
}

// Is this JSON string that text, however it is escaped?
bool spells(std::string_view json, std::string_view text) {
    if (json.size() < 2 || json.front() != '"') return false;
    const std::string_view inside = walk::without_quotes(json);
    if (inside.find('\\') == std::string_view::npos) return inside == text;
    std::string decoded;
    walk::append_unescaped(decoded, inside);
    return decoded == text;
}

} // namespace

bool read_vectors(std::string_view body,
                  const vector_places& where,
                  embeddings_writer& into,
                  vectors_found& out) {
    return vectors_reader(body, where, into, out).run();
}

bool wants_base64(const unified::call& call) {
    const auto part = [&call](std::size_t begin, std::size_t end) {
        return call.body.substr(begin, end - begin);
    };
    return std::any_of(call.members.begin(), call.members.end(), [&part](const unified::member& each) {
        return each.name == unified::known::other &&
               spells(part(each.begin, each.key_end), "encoding_format") &&
               spells(part(each.value_begin, each.value_end), "base64");
    });
}

} // namespace sluice::providers
