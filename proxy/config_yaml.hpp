// YAML as a tree of JSON values that remember their line, so that errors can name it. Nothing of yaml-cpp
// leaves this module.
#pragma once

#include "core/base/error.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::proxy {

struct yaml_member;

// One node. Scalars that were quoted, or tagged !!str, are texts; plain ones are read by the core schema of
// YAML 1.2: null, true, false, integers, numbers, else text.
struct yaml_node {
    enum class kind : std::uint8_t { scalar, list, map };

    kind what = kind::scalar;
    int line = 0;              // from 1
    boost::json::value scalar; // null for the other kinds
    std::vector<yaml_node> items;
    std::vector<yaml_member> members; // in the order of the file; keys are unique

    [[nodiscard]] bool is_null() const noexcept { return what == kind::scalar && scalar.is_null(); }
    [[nodiscard]] const yaml_node* find(std::string_view key) const noexcept;
};

struct yaml_member {
    std::string key;
    yaml_node value;
};

// Error invalid_parameter_value: "<file>:<line>: …". The text never holds a value of the file: it may be a
// secret.
[[nodiscard]] result<yaml_node> parse_yaml(const std::string& file, const std::string& text);

[[nodiscard]] boost::json::value to_json(const yaml_node& node);

} // namespace sluice::proxy
