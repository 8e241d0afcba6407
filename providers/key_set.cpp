#include "providers/key_set.hpp"

#include "providers/walk.hpp"

namespace sluice::providers {

key_set::added key_set::add(std::string_view raw) {
    std::string_view key = raw;
    if (raw.find('\\') != std::string_view::npos) {
        walk::append_unescaped(resolved_.emplace_front(), raw);
        key = resolved_.front();
    }
    return {key, keys_.insert(key).second};
}

} // namespace sluice::providers
