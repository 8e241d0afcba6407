#include "proxy/control/scim_filter.hpp"

#include "core/json/reader.hpp"
#include "core/json/text.hpp"
#include "proxy/control/secrets_names.hpp"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace sluice::control {

namespace {

constexpr std::string_view urn = "urn:"; // "urn:…:User:userName" names the attribute behind the last colon

bool is_word(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           c == '-' || c == '.' || c == ':' || c == '$';
}

std::vector<std::string> split_path(std::string_view word) {
    if (same_text(word.substr(0, urn.size()), urn)) word.remove_prefix(word.rfind(':') + 1);
    std::vector<std::string> out;
    for (;;) {
        const std::size_t dot = word.find('.');
        out.push_back(lower_case(word.substr(0, dot)));
        if (dot == std::string_view::npos) return out;
        word.remove_prefix(dot + 1);
    }
}

int order(const boost::json::value& a, const boost::json::value& b, bool& comparable) {
    comparable = true;
    if (a.is_string() && b.is_string()) {
        return lower_case(view(a.get_string())).compare(lower_case(view(b.get_string())));
    }
    if (a.is_number() && b.is_number()) {
        const double left = a.to_number<double>();
        const double right = b.to_number<double>();
        return left < right ? -1 : left > right ? 1 : 0;
    }
    if (a.is_bool() && b.is_bool()) return static_cast<int>(a.get_bool()) - static_cast<int>(b.get_bool());
    comparable = false;
    return 0;
}

bool is_empty(const boost::json::value& value) {
    return value.is_null() || (value.is_array() && value.get_array().empty()) ||
           (value.is_object() && value.get_object().empty()) ||
           (value.is_string() && value.get_string().empty());
}

// Calls visit(value) for every value at the path, through lists; a list's object elements stand for their
// `value` where the path ends on them.
template <class Visit>
bool any_at(const boost::json::value& at,
            const std::vector<std::string>& path,
            std::size_t from,
            Visit&& visit) {
    if (at.is_array()) {
        return std::ranges::any_of(
            at.get_array(), [&](const boost::json::value& each) { return any_at(each, path, from, visit); });
    }
    if (from == path.size()) {
        if (!at.is_object()) return visit(at);
        const boost::json::value* inner = find_attribute(at.get_object(), "value");
        return inner ? visit(*inner) : visit(at);
    }
    if (!at.is_object()) return false;
    const boost::json::value* next = find_attribute(at.get_object(), path[from]);
    return next && any_at(*next, path, from + 1, visit);
}

} // namespace

// Recursive descent; `or` binds weaker than `and`.
class filter_parser {
public:
    explicit filter_parser(std::string_view text)
        : text_(text) {}

    result<scim_filter> parse() {
        scim_filter out;
        out.root_ = any(0);
        skip();
        if (!wrong_ && at_ < text_.size()) wrong_ = at_;
        if (wrong_) {
            return fail(errc::invalid_parameter_value,
                        "'filter' is not a SCIM filter: it is wrong at character " +
                            std::to_string(*wrong_ + 1) + '.');
        }
        return out;
    }

private:
    using node = scim_filter::node;
    using op = scim_filter::op;

    void skip() {
        while (at_ < text_.size() && text_[at_] == ' ')
            ++at_;
    }
    bool take(char wanted) {
        skip();
        if (at_ >= text_.size() || text_[at_] != wanted) return false;
        ++at_;
        return true;
    }
    std::string_view word() {
        skip();
        const std::size_t begin = at_;
        while (at_ < text_.size() && is_word(text_[at_]))
            ++at_;
        return text_.substr(begin, at_ - begin);
    }
    bool take_word(std::string_view wanted) {
        const std::size_t begin = at_;
        if (same_text(word(), wanted)) return true;
        at_ = begin;
        return false;
    }
    node bad() {
        if (!wrong_) wrong_ = at_;
        return {};
    }

    node join(int depth, op what, std::string_view word_between) {
        node out{what, {}, {}, {}};
        do {
            out.parts.push_back(what == op::any ? join(depth, op::all, "and") : one(depth));
        } while (!wrong_ && take_word(word_between));
        return out.parts.size() == 1 ? node(std::move(out.parts.front())) : out;
    }
    node any(int depth) { return join(depth, op::any, "or"); }

    node one(int depth) {
        if (depth >= scim_filter::max_depth) return bad();
        if (take_word("not")) {
            if (!take('(')) return bad();
            node out{op::no, {}, {}, {}};
            out.parts.push_back(any(depth + 1));
            return take(')') ? out : bad();
        }
        if (take('(')) {
            node out = any(depth + 1);
            return take(')') ? out : bad();
        }
        return comparison(depth);
    }

    node comparison(int depth) {
        const std::string_view name = word();
        if (name.empty() || ++tests_ > scim_filter::max_tests) return bad();
        node out{op::present, split_path(name), {}, {}};
        if (at_ < text_.size() && text_[at_] == '[') {
            ++at_;
            out.what = op::some;
            out.parts.push_back(any(depth + 1));
            return take(']') ? out : bad();
        }
        constexpr std::array<std::pair<std::string_view, op>, 9> ops{{{"eq", op::equal},
                                                                      {"ne", op::not_equal},
                                                                      {"co", op::contains},
                                                                      {"sw", op::starts},
                                                                      {"ew", op::ends},
                                                                      {"gt", op::gt},
                                                                      {"ge", op::ge},
                                                                      {"lt", op::lt},
                                                                      {"le", op::le}}};
        const std::size_t begin = at_;
        const std::string_view given = word();
        if (same_text(given, "pr")) return out;
        const auto* known =
            std::ranges::find_if(ops, [given](const auto& each) { return same_text(each.first, given); });
        if (known == ops.end()) {
            at_ = begin;
            return bad();
        }
        out.what = known->second;
        return value(out) ? out : bad();
    }

    // A JSON text, number, true, false or null.
    bool value(node& to) {
        skip();
        const std::size_t begin = at_;
        if (at_ < text_.size() && text_[at_] == '"') {
            ++at_;
            while (at_ < text_.size() && text_[at_] != '"')
                at_ += text_[at_] == '\\' ? 2 : 1;
            at_ = std::min(at_ + 1, text_.size());
        } else {
            (void)word();
        }
        // Its parser takes objects and lists only.
        result<boost::json::value> parsed =
            json::parse_tree("[" + std::string(text_.substr(begin, at_ - begin)) + "]");
        if (!parsed || !parsed->is_array() || parsed->get_array().size() != 1) {
            at_ = begin;
            return false;
        }
        to.wanted = std::move(parsed->get_array().front());
        return true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int tests_ = 0;
    std::optional<std::size_t> wrong_;
};

result<scim_filter> scim_filter::parse(std::string_view text) {
    if (text.size() > max_bytes) return fail(errc::invalid_parameter_value, "'filter' is too long.");
    return filter_parser(text).parse();
}

bool scim_filter::matches(const boost::json::object& resource) const {
    return holds(root_, resource);
}

std::optional<std::string> scim_filter::equal_text(std::string_view attribute) const {
    if (root_.what != op::equal || root_.path.size() != 1 || !same_text(root_.path.front(), attribute) ||
        !root_.wanted.is_string()) {
        return std::nullopt;
    }
    return std::string(view(root_.wanted.get_string()));
}

bool scim_filter::holds(const node& test, const boost::json::object& resource) {
    const auto part_holds = [&resource](const node& part) { return holds(part, resource); };
    switch (test.what) {
    case op::all: return std::ranges::all_of(test.parts, part_holds);
    case op::any: return std::ranges::any_of(test.parts, part_holds);
    case op::no: return !holds(test.parts.front(), resource);
    case op::some: {
        const boost::json::value* list = find_attribute(resource, test.path.front());
        if (!list || !list->is_array()) return false;
        return std::ranges::any_of(list->get_array(), [&test](const boost::json::value& each) {
            return each.is_object() && holds(test.parts.front(), each.get_object());
        });
    }
    default: break;
    }
    const boost::json::value* first = find_attribute(resource, test.path.front());
    const auto compare = [&test](const boost::json::value& found) { return compares(test, found); };
    const bool found = first && any_at(*first, test.path, 1, compare);
    return test.what == op::not_equal ? !found : found;
}

bool scim_filter::compares(const node& test, const boost::json::value& found) {
    if (test.what == op::present) return !is_empty(found);
    if (test.what == op::contains || test.what == op::starts || test.what == op::ends) {
        if (!found.is_string() || !test.wanted.is_string()) return false;
        const std::string text = lower_case(view(found.get_string()));
        const std::string part = lower_case(view(test.wanted.get_string()));
        if (test.what == op::starts) return text.starts_with(part);
        if (test.what == op::ends) return text.ends_with(part);
        return text.find(part) != std::string::npos;
    }
    bool comparable = false;
    const int ordered = order(found, test.wanted, comparable);
    if (!comparable) return found.is_null() && test.wanted.is_null();
    switch (test.what) {
    case op::gt: return ordered > 0;
    case op::ge: return ordered >= 0;
    case op::lt: return ordered < 0;
    case op::le: return ordered <= 0;
    default: return ordered == 0; // not_equal asks whether any is equal
    }
}

const boost::json::value* find_attribute(const boost::json::object& resource, std::string_view name) {
    for (const auto& member : resource) {
        if (same_text({member.key().data(), member.key().size()}, name)) return &member.value();
    }
    return nullptr;
}

} // namespace sluice::control
