// An immutable map from text to values that is cheap to change by copy: it is split into parts by hash, and a
// changed copy shares every part but one with the original. So publishing one endpoint among 10,000 copies
// about 40 entries, not 10,000, and any number of threads may read any version without a lock. Values are
// small or shared pointers.
#pragma once

#include "core/base/string_map.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

template <class Value>
class cow_map {
public:
    // The value, or null. The pointer is good as long as any version that holds it lives.
    [[nodiscard]] const Value* find(std::string_view key) const {
        const auto& part = parts_[index(key)];
        if (!part) return nullptr;
        const auto found = part->find(key);
        return found == part->end() ? nullptr : &found->second;
    }

    [[nodiscard]] cow_map with(std::string_view key, Value value) const {
        cow_map copy = *this;
        auto& part = copy.parts_[index(key)];
        auto changed = part ? std::make_shared<part_map>(*part) : std::make_shared<part_map>();
        const bool added = changed->insert_or_assign(std::string(key), std::move(value)).second;
        copy.size_ += added ? 1U : 0U;
        part = std::move(changed);
        return copy;
    }

    // All of the changes at once: each part that they touch is copied once. A change has `key`, and `value`,
    // which is nullopt for a key that goes; of two for one key the last counts.
    template <class Change>
    [[nodiscard]] cow_map with_all(const std::vector<Change>& changes) const {
        cow_map copy = *this;
        std::array<std::shared_ptr<part_map>, part_count> changed;
        for (const Change& each : changes) {
            const std::size_t at = index(each.key);
            if (!changed[at]) {
                changed[at] =
                    parts_[at] ? std::make_shared<part_map>(*parts_[at]) : std::make_shared<part_map>();
            }
            part_map& part = *changed[at];
            const std::size_t before = part.size();
            if (each.value) {
                part.insert_or_assign(std::string(each.key), *each.value);
            } else if (const auto found = part.find(each.key); found != part.end()) {
                part.erase(found);
            }
            copy.size_ += part.size() - before;
        }
        for (std::size_t at = 0; at < part_count; ++at) {
            if (changed[at]) copy.parts_[at] = std::move(changed[at]);
        }
        return copy;
    }

    [[nodiscard]] cow_map without(std::string_view key) const {
        if (!find(key)) return *this;
        cow_map copy = *this;
        auto& part = copy.parts_[index(key)];
        auto changed = std::make_shared<part_map>(*part);
        changed->erase(changed->find(key));
        --copy.size_;
        part = std::move(changed);
        return copy;
    }

    // visit(key, value) for every entry, in no particular order.
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (const auto& part : parts_) {
            if (!part) continue;
            for (const auto& [key, value] : *part)
                visit(key, value);
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    using part_map = string_map<Value>;
    static constexpr std::size_t part_count = 256;

    static std::size_t index(std::string_view key) noexcept {
        // The high bits: the low ones place the key inside its part.
        return (string_hash{}(key) >> 48U) % part_count;
    }

    std::array<std::shared_ptr<const part_map>, part_count> parts_;
    std::size_t size_ = 0;
};

} // namespace sluice
