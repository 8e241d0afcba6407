// Takes settings out of a YAML map, member by member. The first mistake is kept, with file, line and key;
// reading goes on, so that the code that reads is a plain list. Values are never quoted in messages: they may
// be secrets.
#pragma once

#include "core/base/error.hpp"
#include "proxy/config_yaml.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::proxy {

class config_errors {
public:
    explicit config_errors(std::string file)
        : file_(std::move(file)) {}

    void refuse(int line, std::string_view place, std::string_view what);
    [[nodiscard]] result<void> verdict() const;

private:
    std::string file_;
    std::optional<error> first_;
};

// One map of the file. A member that is null counts as absent: its target keeps its value. Borrows the node
// and the errors.
class config_section {
public:
    config_section(const yaml_node& node, std::string place, config_errors& errors);

    void read(std::string_view key, std::string& target);
    void read(std::string_view key, bool& target);
    void read(std::string_view key, std::size_t& target);
    void read(std::string_view key, unsigned& target);
    // A text such as "300ms", "5s", "2m" or "1h".
    void read(std::string_view key, std::chrono::milliseconds& target);
    void read(std::string_view key, std::vector<std::string>& target);

    // The value, to be read by the caller; null when absent. The key then counts as known.
    [[nodiscard]] const yaml_node* take(std::string_view key);
    // The elements of a list of maps.
    [[nodiscard]] std::vector<config_section> take_sections(std::string_view key);
    [[nodiscard]] std::optional<config_section> take_section(std::string_view key);

    // Refuses the keys that were not asked for.
    void finish();

    void refuse(std::string_view key, std::string_view what);
    [[nodiscard]] const yaml_node& node() const noexcept { return *node_; }
    [[nodiscard]] std::string where(std::string_view key) const;

private:
    [[nodiscard]] std::optional<std::int64_t> number(std::string_view key);

    const yaml_node* node_;
    std::string place_; // "limits", or "" for the whole file
    config_errors* errors_;
    std::vector<std::string> known_;
};

} // namespace sluice::proxy
