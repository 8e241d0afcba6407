// Keys of JSON objects, told apart by what they mean. The escapes of each are resolved once, so that a
// hostile object costs no more than its size.
#pragma once

#include <absl/container/flat_hash_set.h>

#include <forward_list>
#include <string>
#include <string_view>

namespace sluice::providers {

class key_set {
public:
    key_set() = default;
    key_set(const key_set&) = delete;
    key_set& operator=(const key_set&) = delete;

    struct added {
        std::string_view key; // its escapes resolved; good as long as the set
        bool is_new = false;
    };

    // Of a checked key, as it stands between its quotes; `raw` outlives the set.
    added add(std::string_view raw);
    [[nodiscard]] bool has(std::string_view key) const { return keys_.contains(key); }

private:
    std::forward_list<std::string> resolved_;
    absl::flat_hash_set<std::string_view> keys_;
};

} // namespace sluice::providers
