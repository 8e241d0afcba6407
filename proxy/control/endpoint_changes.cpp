#include "proxy/control/endpoint_changes.hpp"

#include "core/http/framing.hpp"

#include <algorithm>
#include <utility>

namespace sluice::control {

void endpoint_changes::changed(std::string_view name) {
    erased(name);
    by_number_.emplace_hint(by_number_.end(), ++number_, name);
    numbers_.emplace(name, number_);
}

void endpoint_changes::erased(std::string_view name) {
    const auto found = numbers_.find(name);
    if (found == numbers_.end()) return;
    by_number_.erase(found->second);
    numbers_.erase(found);
}

void endpoint_changes::lost(std::string_view name, std::vector<model::grant> acl) {
    losses_.push_back({++number_, std::string(name), std::move(acl)});
    if (losses_.size() <= max_losses) return;
    forgotten_ = losses_.front().number;
    losses_.pop_front();
}

void endpoint_changes::rights_changed(std::string_view principal_id) {
    rights_[std::string(principal_id)] = ++number_;
}

void endpoint_changes::principal_removed(std::string_view principal_id) {
    const auto found = rights_.find(principal_id);
    if (found != rights_.end()) rights_.erase(found);
}

std::string endpoint_changes::revision() const {
    return start_ + '-' + std::to_string(number_);
}

std::optional<std::uint64_t> endpoint_changes::number_of(std::string_view revision) const {
    if (!revision.starts_with(start_)) return std::nullopt;
    revision.remove_prefix(start_.size());
    if (!revision.starts_with('-')) return std::nullopt;
    revision.remove_prefix(1);
    const std::optional<std::uint64_t> number = http::parse_decimal(revision);
    if (!number || *number > number_) return std::nullopt;
    return number;
}

std::optional<endpoint_changes::difference> endpoint_changes::since(std::string_view revision,
                                                                    std::string_view principal_id) const {
    const std::optional<std::uint64_t> from = number_of(revision);
    if (!from || *from < forgotten_) return std::nullopt;
    const auto rights = rights_.find(principal_id);
    if (rights != rights_.end() && rights->second > *from) return std::nullopt;
    difference out;
    for (auto each = by_number_.upper_bound(*from); each != by_number_.end(); ++each)
        out.changed.push_back(each->second);
    for (auto each = std::ranges::upper_bound(losses_, *from, {}, &loss::number); each != losses_.end();
         ++each)
        out.lost.push_back(&*each);
    return out;
}

} // namespace sluice::control
