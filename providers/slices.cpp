#include "providers/slices.hpp"

#include "core/base/string_map.hpp"
#include "core/json/reader.hpp"
#include "providers/sentence.hpp"

#include <functional>
#include <utility>

namespace sluice::providers {

namespace {

// Bounds the memory of a hostile text (48 bytes for each value); far above any request of a client.
constexpr std::size_t most_values = 500'000;
// Up to here the earlier members of an object are compared one by one.
constexpr std::size_t few_members = 16;

} // namespace

// Walks one text into `into_`. Its functions return false once fault or refusal is noted.
class slices::builder {
public:
    builder(slices& into, std::string_view json, author by)
        : into_(into)
        , json_(json)
        , by_(by)
        , text_(json, by == author::client ? json::max_depth : walk::deepest_answer) {}

    result<void> run();

private:
    // The members of one object that have been read, to find one that is repeated.
    struct names {
        std::vector<std::pair<std::string_view, std::size_t>> few;
        absl::flat_hash_map<std::string_view, std::size_t, string_hash, std::equal_to<>> many;
    };

    bool read_root();
    bool value(walk::value& v, std::string_view key, int depth);
    bool members(walk::object& of, int depth);
    bool one_member(walk::field& of, int depth, names& seen);
    bool note_name(std::string_view key, std::size_t at, names& seen);
    [[nodiscard]] std::string_view decoded(const walk::quoted& key);
    [[nodiscard]] errc code() const noexcept {
        return by_ == author::client ? errc::bad_request : errc::bad_upstream;
    }

    slices& into_;
    std::string_view json_;
    author by_;
    walk::text text_;
    std::string refusal_;
};

result<void> slices::builder::run() {
    if (read_root()) return {};
    if (!refusal_.empty()) return fail(code(), std::move(refusal_));
    switch (text_.why()) {
    case walk::fault::too_deep: return fail(code(), "The JSON text is nested too deeply.");
    case walk::fault::not_object: return fail(code(), "The JSON text is not an object.");
    default: return fail(code(), "The text is not valid JSON.");
    }
}

bool slices::builder::read_root() {
    auto root = text_.root();
    if (!root) return false;
    entry whole;
    whole.type = walk::kind::object;
    into_.entries_.push_back(whole);
    if (!members(*root, 1) || !text_.complete()) return false;
    into_.entries_.front().next = into_.entries_.size();
    return true;
}

bool slices::builder::members(walk::object& of, int depth) {
    names seen;
    for (auto next : of) {
        walk::field member;
        if (std::move(next).get(member)) return text_.failed(walk::fault::not_json);
        if (!one_member(member, depth, seen)) return false;
    }
    return true;
}

bool slices::builder::one_member(walk::field& of, int depth, names& seen) {
    const auto key = text_.key(of);
    if (!key) return false;
    const std::string_view name = decoded(*key);
    if (!note_name(name, into_.entries_.size(), seen)) return false;
    return value(of.value(), name, depth);
}

bool slices::builder::note_name(std::string_view key, std::size_t at, names& seen) {
    std::size_t* earlier = nullptr;
    if (seen.many.empty()) {
        for (auto& [name, index] : seen.few) {
            if (name == key) earlier = &index;
        }
        if (earlier == nullptr) {
            seen.few.emplace_back(key, at);
            if (seen.few.size() > few_members) seen.many.insert(seen.few.begin(), seen.few.end());
            return true;
        }
    } else {
        const auto [found, added] = seen.many.try_emplace(key, at);
        if (added) return true;
        earlier = &found->second;
    }
    if (by_ == author::client) {
        refusal_ = sentence({"'", key.substr(0, 64), "' is given twice."});
        return false;
    }
    into_.entries_[*earlier].hidden = true;
    *earlier = at;
    return true;
}

std::string_view slices::builder::decoded(const walk::quoted& key) {
    if (!key.escaped) return key.raw;
    std::string& text = into_.keys_.emplace_back();
    walk::append_unescaped(text, key.raw);
    return text;
}

bool slices::builder::value(walk::value& v, std::string_view key, int depth) {
    const std::size_t at = into_.entries_.size();
    if (at == most_values) {
        refusal_ = "The JSON text has too many values.";
        return false;
    }
    const walk::item seen = text_.look(v);
    if (seen.type == walk::kind::invalid) return false;
    entry& added = into_.entries_.emplace_back();
    added.key = key;
    added.raw = seen.raw;
    added.type = seen.type;
    if (seen.type == walk::kind::object) {
        auto inside = text_.open_object(v, depth);
        if (!inside || !members(*inside, depth + 1)) return false;
    } else if (seen.type == walk::kind::array) {
        auto inside = text_.open_array(v, depth);
        if (!inside) return false;
        for (auto next : *inside) {
            walk::value element;
            if (std::move(next).get(element)) return text_.failed(walk::fault::not_json);
            if (!value(element, {}, depth + 1)) return false;
        }
    }
    entry& done = into_.entries_[at]; // the list may have moved
    done.next = into_.entries_.size();
    if (seen.is_container()) {
        const auto end = text_.end_of(seen);
        if (!end) return false;
        const std::size_t begin = text_.offset(seen.raw);
        done.raw = json_.substr(begin, *end - begin);
    }
    return true;
}

result<void> slices::read(std::string_view json, author by) {
    entries_.clear();
    keys_.clear();
    auto good = builder(*this, json, by).run();
    if (!good) return good;
    entries_.front().raw = json;
    return {};
}

slices::node slices::root() const noexcept {
    return {this, 0};
}

walk::kind slices::node::type() const noexcept {
    if (in_ == nullptr || self().type == walk::kind::null) return walk::kind::invalid;
    return self().type;
}

bool slices::node::is_null() const noexcept {
    return in_ != nullptr && self().type == walk::kind::null;
}

std::string_view slices::node::raw() const noexcept {
    return in_ == nullptr ? std::string_view() : self().raw;
}

std::string_view slices::node::key() const noexcept {
    return in_ == nullptr ? std::string_view() : self().key;
}

slices::node slices::node::operator[](std::string_view name) const noexcept {
    if (!is(walk::kind::object)) return {};
    for (const node member : items()) {
        if (member.key() == name) return member;
    }
    return {};
}

slices::range slices::node::items() const noexcept {
    const bool has = is(walk::kind::object) || is(walk::kind::array);
    if (!has) return {in_, 0, 0};
    return {in_, at_ + 1, self().next};
}

std::optional<std::string_view> slices::node::text(std::deque<std::string>& store) const {
    if (!is(walk::kind::string)) return std::nullopt;
    const std::string_view inside = walk::without_quotes(raw());
    if (inside.find('\\') == std::string_view::npos) return inside;
    std::string& kept = store.emplace_back();
    walk::append_unescaped(kept, inside);
    return kept;
}

std::optional<double> slices::node::number() const noexcept {
    return in_ == nullptr ? std::nullopt : walk::to_number({self().type, self().raw});
}

std::optional<std::int64_t> slices::node::integer() const noexcept {
    return in_ == nullptr ? std::nullopt : walk::to_integer({self().type, self().raw});
}

std::optional<std::int64_t> slices::node::count() const noexcept {
    return in_ == nullptr ? std::nullopt : walk::to_count({self().type, self().raw});
}

std::optional<bool> slices::node::boolean() const noexcept {
    if (!is(walk::kind::boolean)) return std::nullopt;
    return raw() == "true";
}

void append_minified(std::string& out, std::string_view json) {
    bool in_string = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        const bool is_blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
        if (is_blank && !in_string) continue;
        out += c;
        if (c == '"') in_string = !in_string;
        if (c == '\\' && in_string && i + 1 < json.size()) out += json[++i];
    }
}

} // namespace sluice::providers
