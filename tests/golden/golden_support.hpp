// Reading the golden cases, and comparing by the rules that stand above the walker in golden_test.cpp.
#pragma once

#include "core/http/framing.hpp"
#include "providers/credential.hpp"
#include "providers/provider.hpp"
#include "providers/registry.hpp"
#include "tests/unit/providers/padded.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::golden {

namespace bj = boost::json;
using providers::padded;

inline std::string read_file(std::string_view relative) {
    const std::string path = std::string(SLUICE_TEST_DATA "/golden/").append(relative);
    std::ifstream file(path, std::ios::binary);
    EXPECT_TRUE(file.good()) << path;
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline std::string_view text_of(const bj::value& value) {
    const auto& text = value.as_string();
    return {text.data(), text.size()};
}

inline std::optional<std::string> file_of(const bj::object& test_case, std::string_view kind) {
    const auto* const name = test_case.at("files").as_object().if_contains({kind.data(), kind.size()});
    if (name == nullptr) return std::nullopt;
    return read_file(text_of(*name));
}

// The same for a file that the case must have.
inline std::string needed_file_of(const bj::object& test_case, std::string_view kind) {
    auto text = file_of(test_case, kind);
    if (!text) ADD_FAILURE() << "the case has no file " << kind;
    return text.value_or("null");
}

// Equal as JSON values: 1 and 1.0 are equal, the order of members does not count, null members do (rule 3).
// Members called `message` that hold JSON are compared as what they hold.
inline bool same(const bj::value& a, const bj::value& b, bool is_message = false) {
    if (a.is_number() && b.is_number()) return a.to_number<double>() == b.to_number<double>();
    if (a.kind() != b.kind()) return false;
    if (a.is_object()) {
        const bj::object& x = a.get_object();
        const bj::object& y = b.get_object();
        if (x.size() != y.size()) return false;
        return std::all_of(x.begin(), x.end(), [&y](const bj::key_value_pair& each) {
            const auto* const other = y.if_contains(each.key());
            return other != nullptr && same(each.value(), *other, each.key() == "message");
        });
    }
    if (a.is_array()) {
        return std::equal(a.get_array().begin(),
                          a.get_array().end(),
                          b.get_array().begin(),
                          b.get_array().end(),
                          [](const bj::value& x, const bj::value& y) { return same(x, y); });
    }
    if (is_message && a.is_string()) {
        boost::json::error_code x_failed;
        boost::json::error_code y_failed;
        const bj::value x = bj::parse(a.get_string(), x_failed);
        const bj::value y = bj::parse(b.get_string(), y_failed);
        if (!x_failed && !y_failed) return same(x, y);
    }
    return a == b;
}

// The data of each event; rule 4: nothing but `data: ` + one line + two LF.
inline std::vector<std::string> events_of(std::string_view stream) {
    std::vector<std::string> events;
    while (!stream.empty()) {
        const std::size_t end = stream.find("\n\n");
        if (!stream.starts_with("data: ") || end == std::string_view::npos) {
            ADD_FAILURE() << "not an event: " << stream.substr(0, 200);
            return events;
        }
        events.emplace_back(stream.substr(6, end - 6));
        EXPECT_EQ(events.back().find('\n'), std::string::npos) << events.back();
        stream.remove_prefix(end + 2);
    }
    return events;
}

// The data of each event that a provider sent, whatever else stands around it.
inline std::vector<std::string> upstream_events_of(std::string_view stream) {
    constexpr std::string_view field = "data: ";
    std::vector<std::string> events;
    while (!stream.empty()) {
        const std::string_view line = stream.substr(0, stream.find('\n'));
        if (line.starts_with(field)) events.emplace_back(line.substr(field.size()));
        stream.remove_prefix(std::min(line.size() + 1, stream.size()));
    }
    return events;
}

// Rule 1: the clock and the ids of the golden files.
inline providers::answer_context fixed_context() {
    providers::answer_context context;
    context.created = 1'700'000'000;
    context.id_stem = "gw";
    return context;
}

inline bool same_event(std::string_view a, std::string_view b) {
    if (a == "[DONE]" || b == "[DONE]") return a == b;
    boost::json::error_code failed;
    const bj::value x = bj::parse({a.data(), a.size()}, failed);
    if (failed) return false;
    const bj::value y = bj::parse({b.data(), b.size()}, failed);
    return !failed && same(x, y);
}

// How many events at the start are the same.
inline std::size_t common_prefix(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    const auto differ = std::mismatch(a.begin(), a.end(), b.begin(), b.end(), same_event);
    return static_cast<std::size_t>(differ.first - a.begin());
}

inline bool is_error_event(std::string_view event) {
    if (event == "[DONE]") return false;
    const bj::value value = bj::parse({event.data(), event.size()});
    return value.is_object() && value.get_object().contains("error") &&
           value.get_object().contains("error_code");
}

// What the client gets when the upstream's stream arrives in these pieces and then ends.
inline std::string run_stream(const providers::upstream_api& via,
                              const providers::unified::call& call,
                              const providers::target& to,
                              const std::vector<std::string_view>& pieces) {
    std::string out;
    const auto decoder = via.make_decoder(call, to, fixed_context());
    for (const std::string_view piece : pieces) {
        const padded bytes(piece);
        if (auto good = decoder->body(bytes.view(), out); !good) {
            providers::unified::append_error_event(out, good.error());
            return out;
        }
    }
    if (auto good = decoder->end(out); !good) providers::unified::append_error_event(out, good.error());
    return out;
}

} // namespace sluice::golden
