#include "proxy/config_reader.hpp"

#include "core/json/text.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace sluice::proxy {

namespace {

constexpr std::size_t max_shown_key = 64;

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    std::int64_t count = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), count);
    const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
    const std::int64_t factor = unit == "ms"  ? 1
                                : unit == "s" ? 1000
                                : unit == "m" ? 60'000
                                : unit == "h" ? 3'600'000
                                              : 0;
    if (problem != std::errc{} || factor == 0 || count < 0) return std::nullopt;
    if (count > std::numeric_limits<std::int64_t>::max() / factor) return std::nullopt;
    return std::chrono::milliseconds(count * factor);
}

} // namespace

void config_errors::refuse(int line, std::string_view place, std::string_view what) {
    if (first_) return;
    first_ = error{errc::invalid_parameter_value,
                   file_ + ":" + std::to_string(line) + ": " + std::string(place) +
                       (place.empty() ? "" : ": ") + std::string(what)};
}

result<void> config_errors::verdict() const {
    if (first_) return fail(*first_);
    return {};
}

config_section::config_section(const yaml_node& node, std::string place, config_errors& errors)
    : node_(&node)
    , place_(std::move(place))
    , errors_(&errors) {
    if (node.what != yaml_node::kind::map && !node.is_null())
        errors_->refuse(node.line, place_, "must be a map");
}

const yaml_node* config_section::take(std::string_view key) {
    known_.emplace_back(key);
    const yaml_node* found = node_->find(key);
    return found && !found->is_null() ? found : nullptr;
}

void config_section::read(std::string_view key, std::string& target) {
    const yaml_node* found = take(key);
    if (!found) return;
    if (!found->scalar.is_string()) return refuse(key, "must be a text; put it in quotes");
    target = view(found->scalar.get_string());
}

void config_section::read(std::string_view key, bool& target) {
    const yaml_node* found = take(key);
    if (!found) return;
    if (!found->scalar.is_bool()) return refuse(key, "must be true or false");
    target = found->scalar.get_bool();
}

std::optional<std::int64_t> config_section::number(std::string_view key) {
    const yaml_node* found = take(key);
    if (!found) return std::nullopt;
    if (found->scalar.is_int64() && found->scalar.get_int64() >= 0) return found->scalar.get_int64();
    refuse(key, "must be a whole number, 0 or more");
    return std::nullopt;
}

void config_section::read(std::string_view key, std::size_t& target) {
    if (const auto value = number(key)) target = static_cast<std::size_t>(*value);
}

void config_section::read(std::string_view key, unsigned& target) {
    const auto value = number(key);
    if (!value) return;
    if (*value > std::numeric_limits<unsigned>::max()) return refuse(key, "is too large");
    target = static_cast<unsigned>(*value);
}

void config_section::read(std::string_view key, std::chrono::milliseconds& target) {
    const yaml_node* found = take(key);
    if (!found) return;
    std::optional<std::chrono::milliseconds> value;
    if (found->scalar.is_string()) value = parse_duration(view(found->scalar.get_string()));
    if (!value) return refuse(key, "must be a duration such as 300ms, 5s, 2m or 1h");
    target = *value;
}

void config_section::read(std::string_view key, std::vector<std::string>& target) {
    const yaml_node* found = take(key);
    if (!found) return;
    if (found->what != yaml_node::kind::list) return refuse(key, "must be a list");
    std::vector<std::string> out;
    for (const auto& item : found->items) {
        if (!item.scalar.is_string()) {
            errors_->refuse(item.line, where(key), "every entry must be a text; put it in quotes");
            return;
        }
        out.emplace_back(view(item.scalar.get_string()));
    }
    target = std::move(out);
}

std::vector<config_section> config_section::take_sections(std::string_view key) {
    std::vector<config_section> out;
    const yaml_node* found = take(key);
    if (!found) return out;
    if (found->what != yaml_node::kind::list) {
        refuse(key, "must be a list");
        return out;
    }
    for (std::size_t i = 0; i < found->items.size(); ++i) {
        const std::string place = where(key) + '[' + std::to_string(i) + ']';
        if (found->items[i].is_null()) errors_->refuse(found->items[i].line, place, "is empty");
        out.emplace_back(found->items[i], place, *errors_);
    }
    return out;
}

std::optional<config_section> config_section::take_section(std::string_view key) {
    const yaml_node* found = take(key);
    if (!found) return std::nullopt;
    return config_section(*found, where(key), *errors_);
}

void config_section::finish() {
    for (const auto& member : node_->members) {
        if (std::find(known_.begin(), known_.end(), member.key) != known_.end()) continue;
        errors_->refuse(
            member.value.line, where(std::string_view(member.key).substr(0, max_shown_key)), "unknown key");
    }
}

void config_section::refuse(std::string_view key, std::string_view what) {
    const yaml_node* found = node_->find(key);
    errors_->refuse(found ? found->line : node_->line, where(key), what);
}

std::string config_section::where(std::string_view key) const {
    return place_.empty() ? std::string(key) : place_ + "." + std::string(key);
}

} // namespace sluice::proxy
