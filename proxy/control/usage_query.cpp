#include "proxy/control/usage_query.hpp"

#include "core/base/sha256.hpp"
#include "core/http/message.hpp"
#include "proxy/control/body.hpp"

#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

namespace sluice::control {

namespace {

constexpr std::size_t longest_filter =
    1024; // of a filter; nothing in the table that can be searched is longer
constexpr std::int64_t most_rows = 10'000;
constexpr std::size_t digits = 16; // of each of a token's three parts: time, id, digest

std::string hex(std::uint64_t number) {
    static constexpr std::string_view shapes = "0123456789abcdef";
    std::string out(digits, '0');
    for (std::size_t i = digits; i > 0; --i, number >>= 4U)
        out[i - 1] = shapes[number & 15U];
    return out;
}

std::optional<std::int64_t> from_hex(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
    if (problem != std::errc{} || end != text.data() + text.size() || number < 0) return std::nullopt;
    return number;
}

std::string digest_of(std::string_view text) {
    const sha256_digest bytes = sha256().digest(text);
    std::uint64_t first = 0;
    for (std::size_t i = 0; i < sizeof first; ++i)
        first = first << 8U | bytes.at(i);
    return hex(first);
}

// Nothing is secret in a token; the digest finds those that were cut, edited or taken from another query.
std::string token_of(const std::string& filter_digest, const model::usage_position& last) {
    const std::string place =
        hex(static_cast<std::uint64_t>(last.time)) + hex(static_cast<std::uint64_t>(last.id));
    return place + digest_of(filter_digest + place);
}

std::string text_filter(const members& from, std::string_view key) {
    std::string value = from.text(key).value_or("");
    if (value.size() > longest_filter) {
        from.found().refuse("'" + from.where(key) + "' has more than " + std::to_string(longest_filter) +
                            " bytes.");
    }
    return value;
}

std::optional<wall_ms> time_filter(const members& from, std::string_view key) {
    const std::optional<std::int64_t> value = from.integer(key);
    if (value && *value < 0)
        from.found().refuse("'" + from.where(key) + "' must be 0 or more (milliseconds).");
    return value;
}

bool read_order(const members& from) {
    const std::string order = from.text("order").value_or("descending");
    const bool ascending = order == "ascending" || order == "asc";
    if (!ascending && order != "descending" && order != "desc") {
        from.found().refuse("'order' must be ascending or descending.");
    }
    return ascending;
}

bool wants_csv(const members& from, std::string_view accept) {
    const std::optional<std::string> format = from.text("format");
    if (!format) return http::iequals(accept.substr(0, accept.find_first_of(";, ")), "text/csv");
    if (*format != "csv" && *format != "json") from.found().refuse("'format' must be json or csv.");
    return *format == "csv";
}

std::size_t read_most(const members& from) {
    const std::int64_t most = from.integer("max_results").value_or(1000);
    if (most < 1 || most > most_rows) {
        from.found().refuse("'max_results' must be from 1 to " + std::to_string(most_rows) + ".");
        return 1;
    }
    return static_cast<std::size_t>(most);
}

std::string canonical(const model::usage_filter& filter) {
    std::string out;
    const auto add = [&out](std::string_view text) {
        out.append(std::to_string(text.size())).append(":").append(text);
    };
    const auto add_number = [&](std::optional<std::int64_t> number) {
        add(number ? std::to_string(*number) : "");
    };
    for (const std::string* text : {&filter.request_id,
                                    &filter.client_request_id,
                                    &filter.requester,
                                    &filter.endpoint_id,
                                    &filter.endpoint_name,
                                    &filter.served_entity_id}) {
        add(*text);
    }
    add_number(filter.status_code);
    add_number(filter.streaming ? std::optional<std::int64_t>(*filter.streaming ? 1 : 0) : std::nullopt);
    add_number(filter.start);
    add_number(filter.end);
    add(filter.ascending ? "up" : "down");
    return out;
}

std::optional<model::usage_position> read_token(std::string_view token, const std::string& filter_digest) {
    if (token.size() != 3 * digits) return std::nullopt;
    const auto time = from_hex(token.substr(0, digits));
    const auto id = from_hex(token.substr(digits, digits));
    if (!time || !id) return std::nullopt;
    const model::usage_position position{*time, *id};
    if (token_of(filter_digest, position) != token) return std::nullopt;
    return position;
}

} // namespace

result<usage_query> parse_usage_query(const boost::json::object& parameters, std::string_view accept) {
    findings found;
    const members from(parameters, "", found);
    usage_query out;
    model::usage_filter& filter = out.filter;
    filter.request_id = text_filter(from, "request_id");
    filter.client_request_id = text_filter(from, "client_request_id");
    filter.requester = text_filter(from, "requester");
    filter.endpoint_id = text_filter(from, "endpoint_id");
    filter.endpoint_name = text_filter(from, "endpoint_name");
    filter.served_entity_id = text_filter(from, "served_entity_id");
    filter.status_code = from.integer("status_code");
    filter.streaming = from.flag("streaming");
    filter.start = time_filter(from, "start_time");
    filter.end = time_filter(from, "end_time");
    filter.ascending = read_order(from);
    filter.most = read_most(from);
    out.csv = wants_csv(from, accept);
    out.digest = digest_of(canonical(filter));
    if (const auto token = from.text("page_token"); token && !token->empty()) {
        filter.after = read_token(*token, out.digest);
        if (!filter.after) {
            found.refuse(
                "'page_token' is not one that this query gave: send it as it was, with the same filters.");
        }
    }
    if (const result<void> verdict = found.verdict(); !verdict) return fail(verdict.error());
    return out;
}

std::string make_page_token(const usage_query& of, const model::usage_position& last) {
    return token_of(of.digest, last);
}

} // namespace sluice::control
