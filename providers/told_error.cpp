#include "providers/told_error.hpp"

#include <algorithm>
#include <string_view>

namespace sluice::providers {

namespace {

// Of a scalar; of a container what is in it decides.
bool says_something(walk::kind type, std::string_view raw) noexcept {
    switch (type) {
    case walk::kind::string: return raw.size() > 2;
    case walk::kind::number: return raw != "0";
    case walk::kind::boolean: return raw == "true";
    default: return false;
    }
}

} // namespace

bool read_error(walk::text& text, walk::value& v, const walk::item& seen, int depth, bool& tells) {
    tells = says_something(seen.type, seen.raw);
    const auto inside = [&text, &tells, depth](walk::value& one, const walk::item& found) {
        tells = tells || found.is_container() || says_something(found.type, found.raw);
        return text.pass(one, found, depth + 1);
    };
    if (seen.type == walk::kind::object) {
        return text.each_member(
            v, depth, [&inside](std::string_view, walk::value& one, const walk::item& found) {
                return inside(one, found);
            });
    }
    return seen.type == walk::kind::array ? text.each_element(v, depth, inside) : text.pass(v, seen, depth);
}

bool tells_error(slices::node value) {
    if (!value.is(walk::kind::object) && !value.is(walk::kind::array))
        return says_something(value.type(), value.raw());
    const slices::range inside = value.items();
    return std::any_of(inside.begin(), inside.end(), [](slices::node one) {
        const bool is_container = one.is(walk::kind::object) || one.is(walk::kind::array);
        return is_container || says_something(one.type(), one.raw());
    });
}

} // namespace sluice::providers
