#include "providers/list_parts.hpp"

#include "core/json/reader.hpp"
#include "providers/names.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace sluice::providers {

namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr std::size_t most_listed = 1024; // that are counted; the real services allow 128

// Where the element ends that begins at `at`: at the comma or the bracket behind it. `list` is JSON.
std::size_t element_end(std::string_view list, std::size_t at) noexcept {
    std::size_t depth = 0;
    for (; at < list.size(); ++at) {
        switch (list[at]) {
        case '"':
            for (++at; at < list.size() && list[at] != '"'; ++at) {
                if (list[at] == '\\') ++at;
            }
            break;
        case '[':
        case '{': ++depth; break;
        case ']':
        case '}':
            if (depth == 0) return at;
            --depth;
            break;
        case ',':
            if (depth == 0) return at;
            break;
        default: break;
        }
    }
    return list.size();
}

bool is_empty_list(std::string_view list) noexcept {
    return list[list.find_first_not_of(blanks, 1)] == ']';
}

const unified::member* list_of(const unified::call& of) noexcept {
    const unified::member* const main =
        of.kind == task::chat ? nullptr : of.find(unified::main_member(of.kind));
    return main != nullptr && of.body[main->value_begin] == '[' ? main : nullptr;
}

std::string_view text_of(const unified::call& of, const unified::member& member) noexcept {
    return of.body.substr(member.value_begin, member.value_end - member.value_begin);
}

// The value of `n`, whether it goes upstream by itself or by extra_params; empty: it does not.
std::string_view text_of_n(const unified::call& of) noexcept {
    constexpr std::string_view key = R"("n":)";
    if (const unified::member* const n = of.find(unified::known::n); n != nullptr) return text_of(of, *n);
    const std::string_view extra = of.extra;
    for (std::size_t at = 0; at < extra.size(); at = element_end(extra, at) + 1) {
        const std::string_view one = extra.substr(at, element_end(extra, at) - at);
        if (one.starts_with(key)) return one.substr(key.size());
    }
    return {};
}

} // namespace

std::size_t count_items(const unified::call& of) noexcept {
    const unified::member* const main = list_of(of);
    if (main == nullptr) return 1;
    const std::string_view list = text_of(of, *main);
    if (is_empty_list(list)) return 0;
    std::size_t count = 0;
    for (std::size_t at = 1; at < list.size(); at = element_end(list, at) + 1)
        ++count;
    return count;
}

std::size_t count_inputs(const unified::call& of) noexcept {
    const unified::member* const main = list_of(of);
    if (main == nullptr) return 1;
    const std::string_view list = text_of(of, *main);
    const char first = list[list.find_first_not_of(blanks, 1)];
    return first >= '0' && first <= '9' ? 1 : count_items(of);
}

std::size_t count_choices(const unified::call& of) noexcept {
    const std::string_view n = text_of_n(of);
    std::size_t each = 1;
    const auto read = std::from_chars(n.data(), n.data() + n.size(), each);
    if (read.ec != std::errc() || each == 0) each = 1;
    const std::size_t inputs = std::max<std::size_t>(count_inputs(of), 1);
    return each > most_listed / inputs ? most_listed : each * inputs;
}

list_parts::list_parts(const unified::call& whole, std::size_t most)
    : most_(most) {
    const unified::member* const main = list_of(whole);
    if (main == nullptr) return;
    list_ = text_of(whole, *main);
    front_ = "{";
    for (const unified::member& each : whole.members) {
        if (&each == main) continue;
        front_.append(whole.body.substr(each.begin, each.value_end - each.begin)).append(",");
    }
    front_.append("\"").append(to_string(main->name)).append("\":[");
    std::size_t items = 0;
    if (!is_empty_list(list_)) {
        for (std::size_t at = 1; at < list_.size(); at = element_end(list_, at) + 1) {
            ++items;
            only_texts_ = only_texts_ && list_[list_.find_first_not_of(blanks, at)] == '"';
        }
    }
    parts_ = (items + most - 1) / most;
    if (items == 0) at_ = list_.size();
}

std::string_view list_parts::next() {
    if (at_ >= list_.size()) return {};
    const std::size_t begin = at_;
    std::size_t end = begin;
    for (std::size_t i = 0; i < most_ && at_ < list_.size(); ++i) {
        end = element_end(list_, at_);
        at_ = end + 1;
    }
    part_.assign(front_).append(list_.substr(begin, end - begin)).append("]}");
    part_.reserve(part_.size() + json::padding);
    return part_;
}

} // namespace sluice::providers
