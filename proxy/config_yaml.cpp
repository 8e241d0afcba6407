#include "proxy/config_yaml.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace sluice::proxy {

namespace {

// Of the converted tree. Aliases are copied, so a small file could grow without these, or never end.
constexpr int max_depth = 64;
constexpr std::size_t max_nodes = 1'000'000;

bool all_digits(std::string_view text, std::string_view digits) {
    return !text.empty() && text.find_first_not_of(digits) == std::string_view::npos;
}

std::string_view without_sign(std::string_view text) {
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
    return text;
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool is_float(std::string_view text) {
    constexpr std::string_view digits = "0123456789";
    text = without_sign(text);
    const std::size_t exponent = text.find_first_of("eE");
    if (exponent != std::string_view::npos) {
        if (!all_digits(without_sign(text.substr(exponent + 1)), digits)) return false;
        text = text.substr(0, exponent);
    }
    const std::size_t point = text.find('.');
    if (point == std::string_view::npos) return all_digits(text, digits);
    const std::string_view whole = text.substr(0, point);
    const std::string_view fraction = text.substr(point + 1);
    if (whole.empty()) return all_digits(fraction, digits);
    return all_digits(whole, digits) && (fraction.empty() || all_digits(fraction, digits));
}

std::optional<boost::json::value> read_integer(std::string_view digits, int base, bool negative) {
    const std::string text = (negative ? "-" : "") + std::string(digits);
    std::int64_t small = 0;
    const char* const end = text.data() + text.size();
    if (std::from_chars(text.data(), end, small, base).ec == std::errc{}) return boost::json::value(small);
    std::uint64_t large = 0;
    if (!negative && std::from_chars(text.data(), end, large, base).ec == std::errc{})
        return boost::json::value(large);
    return std::nullopt;
}

// A plain scalar by the core schema (YAML 1.2.2, §10.3.2). Nothing: a number that JSON cannot hold.
std::optional<boost::json::value> read_plain(const std::string& text) {
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL")
        return boost::json::value();
    if (text == "true" || text == "True" || text == "TRUE") return boost::json::value(true);
    if (text == "false" || text == "False" || text == "FALSE") return boost::json::value(false);
    const std::string_view number = text;
    if (number.starts_with("0o") && all_digits(number.substr(2), "01234567")) {
        return read_integer(number.substr(2), 8, false);
    }
    if (number.starts_with("0x") && all_digits(number.substr(2), "0123456789abcdefABCDEF")) {
        return read_integer(number.substr(2), 16, false);
    }
    if (all_digits(without_sign(number), "0123456789")) {
        return read_integer(without_sign(number), 10, number.front() == '-');
    }
    if (is_float(number)) {
        double value = 0;
        const std::string digits = number.front() == '+' ? text.substr(1) : text;
        const char* const end = digits.data() + digits.size();
        const auto [stop, problem] = std::from_chars(digits.data(), end, value);
        if (problem != std::errc{} || stop != end) return std::nullopt;
        return boost::json::value(value);
    }
    return boost::json::value(text);
}

class converter {
public:
    explicit converter(const std::string& file)
        : file_(file) {}

    result<yaml_node> convert(const YAML::Node& from, int depth) {
        const int line = from.Mark().line + 1;
        if (depth > max_depth) return refuse(line, "the file is nested too deeply");
        if (++nodes_ > max_nodes) return refuse(line, "the file is too large");
        yaml_node out;
        out.line = line;
        if (from.IsSequence()) return convert_list(from, depth, std::move(out));
        if (from.IsMap()) return convert_map(from, depth, std::move(out));
        return convert_scalar(from, std::move(out));
    }

private:
    // yaml-cpp marks quoted scalars with the tag "!" and plain ones with "?".
    result<yaml_node> convert_scalar(const YAML::Node& from, yaml_node out) {
        if (!from.IsScalar()) return out;
        const std::string& tag = from.Tag();
        if (tag == "!" || tag == "tag:yaml.org,2002:str") {
            out.scalar = boost::json::value(from.Scalar());
            return out;
        }
        if (!tag.empty() && tag != "?") return refuse(out.line, "tags other than !!str are not supported");
        auto value = read_plain(from.Scalar());
        if (!value) return refuse(out.line, "the number is too large");
        out.scalar = std::move(*value);
        return out;
    }

    result<yaml_node> convert_list(const YAML::Node& from, int depth, yaml_node out) {
        out.what = yaml_node::kind::list;
        for (const auto& item : from) {
            auto converted = convert(item, depth + 1);
            if (!converted) return converted;
            if (converted->is_null()) converted->line = out.line; // an absent node has no place of its own
            out.items.push_back(std::move(*converted));
        }
        return out;
    }

    result<yaml_node> convert_map(const YAML::Node& from, int depth, yaml_node out) {
        out.what = yaml_node::kind::map;
        for (const auto& entry : from) {
            const YAML::Node& key = entry.first;
            const int line = key.Mark().line + 1;
            if (!key.IsScalar()) return refuse(line, "a key must be a text");
            if (key.Tag() == "?" && key.Scalar() == "<<")
                return refuse(line, "merge keys (<<) are not supported");
            if (out.find(key.Scalar())) return refuse(line, "the key '" + key.Scalar() + "' is repeated");
            auto converted = convert(entry.second, depth + 1);
            if (!converted) return converted;
            // A value stands where its key does, for the reader of an error.
            converted->line = line;
            out.members.push_back({key.Scalar(), std::move(*converted)});
        }
        return out;
    }

    tl::unexpected<error> refuse(int line, std::string_view what) const {
        return fail(errc::invalid_parameter_value,
                    file_ + ":" + std::to_string(line) + ": " + std::string(what));
    }

    const std::string& file_;
    std::size_t nodes_ = 0;
};

boost::json::string_view boost_view(const std::string& text) {
    return {text.data(), text.size()};
}

} // namespace

const yaml_node* yaml_node::find(std::string_view key) const noexcept {
    const auto found =
        std::find_if(members.begin(), members.end(), [key](const auto& member) { return member.key == key; });
    return found == members.end() ? nullptr : &found->value;
}

result<yaml_node> parse_yaml(const std::string& file, const std::string& text) {
    // The library reports by exceptions only; this is the one place that sees them.
    try {
        const std::vector<YAML::Node> documents = YAML::LoadAll(text);
        if (documents.size() > 1) {
            return fail(errc::invalid_parameter_value, file + ": the file holds more than one YAML document");
        }
        converter work(file);
        return documents.empty() ? result<yaml_node>(yaml_node{.line = 1})
                                 : work.convert(documents.front(), 0);
    } catch (const YAML::Exception& problem) {
        // What follows a colon may quote the file.
        const std::string what = problem.msg.substr(0, problem.msg.find(':'));
        return fail(errc::invalid_parameter_value,
                    file + ":" + std::to_string(problem.mark.line + 1) + ": " + what);
    }
}

boost::json::value to_json(const yaml_node& node) {
    switch (node.what) {
    case yaml_node::kind::scalar: return node.scalar;
    case yaml_node::kind::list: {
        boost::json::array out;
        for (const auto& item : node.items) {
            out.push_back(to_json(item));
        }
        return out;
    }
    case yaml_node::kind::map: {
        boost::json::object out;
        for (const auto& [key, item] : node.members) {
            out.emplace(boost_view(key), to_json(item));
        }
        return out;
    }
    }
    return {};
}

} // namespace sluice::proxy
