#include "proxy/observe/usage_context.hpp"

#include "core/base/string_map.hpp"
#include "core/json/reader.hpp"
#include "core/json/writer.hpp"
#include "providers/walk.hpp"

#include <utility>
#include <vector>

namespace sluice::observe {

std::string compact_context(std::string_view raw) {
    namespace walk = providers::walk;
    if (!raw.starts_with('{')) return {};
    std::string padded(raw);
    padded.append(json::padding, ' ');
    walk::text text(std::string_view(padded).substr(0, raw.size()));
    auto root = text.root();
    if (!root) return {};
    std::vector<std::pair<std::string, std::string>> members;
    string_map<std::size_t> places; // in `members`, by key
    for (auto next : *root) {
        walk::field of;
        if (std::move(next).get(of)) return {};
        const auto key = text.key(of);
        if (!key) return {};
        std::string name;
        walk::append_unescaped(name, key->raw);
        const walk::item seen = text.look(of.value());
        if (seen.type != walk::kind::string) return {};
        std::string value;
        walk::append_unescaped(value, walk::without_quotes(seen.raw));
        const auto [at, is_new] = places.try_emplace(name, members.size());
        if (is_new)
            members.emplace_back(std::move(name), std::move(value));
        else
            members[at->second].second = std::move(value);
    }
    std::string out;
    json::object_writer object(out);
    for (const auto& [name, value] : members)
        object.text(name, value);
    object.close();
    return out;
}

} // namespace sluice::observe
