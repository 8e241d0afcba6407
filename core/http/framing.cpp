#include "core/http/framing.hpp"

#include "core/http/characters.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <limits>

namespace sluice::http {

namespace {

enum class verdict : std::uint8_t { done, more, bad };

// What the fields say about the message and its connection.
struct facts {
    std::string_view host;
    std::string_view expect;
    std::size_t hosts = 0;
    std::size_t expects = 0;
    bool has_length = false;
    bool has_coding = false;
    bool close = false;
    bool keep_alive = false;
    std::uint64_t length = 0;
};

// Walks a head from left to right. Whatever it refuses, it refuses at the first byte that shows it, so a head
// that arrives in pieces gets the same verdict as a whole one.
class head_reader {
public:
    head_reader(std::string_view in, const head_limits& limits)
        : begin_(in.data())
        , at_(in.data())
        , end_(in.data() + std::min(in.size(), limits.bytes))
        , limits_(limits) {}

    [[nodiscard]] verdict request_line(request_head& out);
    [[nodiscard]] verdict status_line(response_head& out);
    [[nodiscard]] verdict fields(field_list& out, facts& said);

    [[nodiscard]] verdict bad(const char* reason) noexcept {
        reason_ = reason;
        return verdict::bad;
    }
    [[nodiscard]] result<std::size_t> answer(verdict v, errc code) const;

private:
    [[nodiscard]] verdict blank_lines();
    [[nodiscard]] verdict version(int& minor);
    [[nodiscard]] verdict line_end();
    [[nodiscard]] verdict field_line(field& out);
    [[nodiscard]] verdict note(const field& f, facts& said);
    [[nodiscard]] verdict note_length(std::string_view value, facts& said);

    const char* begin_;
    const char* at_;
    const char* end_;
    const head_limits& limits_;
    const char* reason_ = "";
};

result<std::size_t> head_reader::answer(verdict v, errc code) const {
    if (v == verdict::done) return static_cast<std::size_t>(at_ - begin_);
    if (v == verdict::bad) return fail(code, reason_);
    if (static_cast<std::size_t>(end_ - begin_) >= limits_.bytes)
        return fail(code, "The HTTP head is too large.");
    return std::size_t{0};
}

verdict head_reader::line_end() {
    if (at_ == end_) return verdict::more;
    if (*at_ == '\n') return bad("A line of the HTTP head ends without CR.");
    if (*at_ != '\r') return bad("The HTTP head holds a character that is not allowed there.");
    if (end_ - at_ < 2) return verdict::more;
    if (at_[1] != '\n') return bad("The HTTP head holds a CR without LF.");
    at_ += 2;
    return verdict::done;
}

// RFC 9112 §2.2: a client may have ended the body before with a line end too many. Two are skipped.
verdict head_reader::blank_lines() {
    for (int skipped = 0; skipped < 2; ++skipped) {
        if (at_ == end_) return verdict::more;
        if (*at_ != '\r') return verdict::done;
        if (const verdict v = line_end(); v != verdict::done) return v;
    }
    return verdict::done;
}

verdict head_reader::version(int& minor) {
    constexpr std::string_view wanted = "HTTP/1.";
    for (const char c : wanted) {
        if (at_ == end_) return verdict::more;
        if (*at_ != c) return bad("Only HTTP/1.0 and HTTP/1.1 are spoken here.");
        ++at_;
    }
    if (at_ == end_) return verdict::more;
    if (*at_ != '0' && *at_ != '1') return bad("Only HTTP/1.0 and HTTP/1.1 are spoken here.");
    minor = *at_ - '0';
    ++at_;
    return verdict::done;
}

method method_of(std::string_view text) noexcept {
    constexpr std::array verbs = {method::get,
                                  method::head,
                                  method::post,
                                  method::put,
                                  method::patch,
                                  method::delete_,
                                  method::options};
    for (const method verb : verbs) {
        if (text == to_string(verb)) return verb;
    }
    return method::other;
}

verdict head_reader::request_line(request_head& out) {
    if (const verdict v = blank_lines(); v != verdict::done) return v;
    const char* start = at_;
    at_ = skip(token_bytes, at_, end_);
    if (at_ == end_) return verdict::more;
    if (*at_ != ' ' || at_ == start)
        return bad("The request line does not start with a method and one blank.");
    out.verb_text = std::string_view(start, static_cast<std::size_t>(at_ - start));
    out.verb = method_of(out.verb_text);
    start = ++at_;
    if (at_ == end_) return verdict::more;
    if (*at_ != '/') return bad("The request target does not start with '/'.");
    at_ = skip(target_bytes, at_, end_);
    out.target = std::string_view(start, static_cast<std::size_t>(at_ - start));
    if (out.target.size() > limits_.target_bytes) return bad("The request target is too long.");
    if (at_ == end_) return verdict::more;
    if (*at_ != ' ') return bad("The request target holds a character that is not allowed there.");
    ++at_;
    const std::size_t mark = out.target.find('?');
    out.path = out.target.substr(0, mark);
    out.query = mark == std::string_view::npos ? std::string_view{} : out.target.substr(mark + 1);
    if (const verdict v = version(out.minor_version); v != verdict::done) return v;
    return line_end();
}

verdict head_reader::status_line(response_head& out) {
    if (const verdict v = version(out.minor_version); v != verdict::done) return v;
    if (at_ == end_) return verdict::more;
    if (*at_ != ' ') return bad("The status line has no blank behind the version.");
    ++at_;
    out.status = 0;
    for (int digit = 0; digit < 3; ++digit, ++at_) {
        if (at_ == end_) return verdict::more;
        if (*at_ < (digit == 0 ? '1' : '0') || *at_ > (digit == 0 ? '5' : '9')) {
            return bad("The status is not a number from 100 to 599.");
        }
        out.status = out.status * 10 + (*at_ - '0');
    }
    if (at_ == end_) return verdict::more;
    // The blank may be missing with the reason; many servers leave both out.
    if (*at_ == ' ') at_ = skip_value(at_, end_);
    return line_end();
}

verdict head_reader::field_line(field& out) {
    const char* start = at_;
    at_ = skip(token_bytes, at_, end_);
    if (at_ == end_) return verdict::more;
    if (*at_ != ':' || at_ == start)
        return bad("A field name is empty, folded or holds a character that is not allowed there.");
    out.name = std::string_view(start, static_cast<std::size_t>(at_ - start));
    start = ++at_;
    at_ = skip_value(at_, end_);
    out.value = trim(std::string_view(start, static_cast<std::size_t>(at_ - start)));
    return line_end();
}

verdict head_reader::fields(field_list& out, facts& said) {
    out.clear();
    for (;;) {
        if (at_ == end_) return verdict::more;
        if (*at_ == '\r') return line_end();
        field next;
        if (const verdict v = field_line(next); v != verdict::done) return v;
        if (out.size() == limits_.fields) return bad("The HTTP head has too many fields.");
        out.push_back(next);
        if (const verdict v = note(next, said); v != verdict::done) return v;
    }
}

verdict head_reader::note_length(std::string_view value, facts& said) {
    // Equal twins are refused too: a list that one parser merges, another reads as garbage.
    if (said.has_length) return bad("Content-Length is repeated.");
    if (said.has_coding) return bad("Content-Length and Transfer-Encoding stand together.");
    const std::optional<std::uint64_t> length = parse_decimal(value);
    if (!length) return bad("Content-Length is not one decimal number.");
    said.has_length = true;
    said.length = *length;
    return verdict::done;
}

// False: the list is malformed.
bool note_connection(std::string_view list, facts& said) noexcept {
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        const std::string_view option = trim(list.substr(0, comma));
        if (!option.empty() && !is_token(option)) return false;
        if (iequals(option, "close")) said.close = true;
        if (iequals(option, "keep-alive")) said.keep_alive = true;
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return true;
}

// The fields that decide about framing are told apart by their length first: most fields cost one comparison
// here.
verdict head_reader::note(const field& f, facts& said) {
    switch (f.name.size()) {
    case 4:
        if (!iequals(f.name, "Host")) break;
        ++said.hosts;
        said.host = f.value;
        break;
    case 6:
        if (!iequals(f.name, "Expect")) break;
        ++said.expects;
        said.expect = f.value;
        break;
    case 10:
        if (!iequals(f.name, "Connection")) break;
        if (!note_connection(f.value, said)) return bad("Connection is not a list of options.");
        break;
    case 14:
        if (iequals(f.name, "Content-Length")) return note_length(f.value, said);
        break;
    case 17:
        if (!iequals(f.name, "Transfer-Encoding")) break;
        if (said.has_coding) return bad("Transfer-Encoding is repeated.");
        if (said.has_length) return bad("Content-Length and Transfer-Encoding stand together.");
        if (!iequals(f.value, "chunked")) return bad("Transfer-Encoding is not exactly \"chunked\".");
        said.has_coding = true;
        break;
    default: break;
    }
    return verdict::done;
}

bool is_ipv6(std::string_view text) noexcept {
    std::array<char, INET6_ADDRSTRLEN> copy{};
    if (text.size() >= copy.size()) return false;
    std::copy(text.begin(), text.end(), copy.begin());
    in6_addr address{};
    return inet_pton(AF_INET6, copy.data(), &address) == 1;
}

// uri-host [ ":" port ] (RFC 9110 §7.2), without the forms that nobody uses (see host_bytes).
bool is_host(std::string_view text) noexcept {
    std::string_view rest;
    if (text.starts_with('[')) {
        const std::size_t close = text.find(']');
        if (close == std::string_view::npos || !is_ipv6(text.substr(1, close - 1))) return false;
        rest = text.substr(close + 1);
    } else {
        const char* end = skip(host_bytes, text.data(), text.data() + text.size());
        const auto size = static_cast<std::size_t>(end - text.data());
        if (size == 0 || size > 255) return false;
        rest = text.substr(size);
    }
    if (rest.empty()) return true;
    const std::optional<std::uint64_t> port = rest[0] == ':' ? parse_decimal(rest.substr(1)) : std::nullopt;
    return port && *port >= 1 && *port <= 65535 && rest.size() <= 6;
}

verdict settle(head_reader& reader, const facts& said, request_head& out) {
    const bool old = out.minor_version == 0;
    if (said.hosts > 1) return reader.bad("Host is repeated.");
    if (said.hosts == 0 && !old) return reader.bad("Host is missing.");
    if (said.hosts == 1 && !is_host(said.host))
        return reader.bad("Host is not a host name or address with an optional port.");
    if (said.has_coding && old) return reader.bad("HTTP/1.0 has no Transfer-Encoding.");
    // RFC 9110 §10.1.1 knows one expectation. Others could only be answered 417 or be misunderstood.
    if (said.expects > 1 || (said.expects == 1 && !iequals(said.expect, "100-continue"))) {
        return reader.bad("Expect is not \"100-continue\".");
    }
    out.host = said.host;
    out.body = body_kind::none;
    if (said.has_coding) out.body = body_kind::chunked;
    if (said.has_length) out.body = body_kind::length;
    out.content_length = said.length;
    out.keep_alive = !said.close && (!old || said.keep_alive);
    out.expect_continue = said.expects == 1 && !old && (said.has_coding || said.length > 0);
    return verdict::done;
}

verdict settle(head_reader& reader, const facts& said, response_head& out) {
    const bool old = out.minor_version == 0;
    if (said.has_coding && old) return reader.bad("HTTP/1.0 has no Transfer-Encoding.");
    out.content_length = 0;
    out.keep_alive = !said.close && (!old || said.keep_alive);
    if (out.status < 200 || out.status == 204) {
        // RFC 9112 §6.1, RFC 9110 §8.6: such a head announces no body. One that does is read in two ways.
        if (said.has_coding || said.length > 0)
            return reader.bad("An answer that has no body announces one.");
        out.body = body_kind::none;
        return verdict::done;
    }
    if (out.status == 304) {
        out.body = body_kind::none;
    } else if (said.has_coding) {
        out.body = body_kind::chunked;
    } else if (said.has_length) {
        out.body = body_kind::length;
        out.content_length = said.length;
    } else {
        out.body = body_kind::until_close;
        out.keep_alive = false;
    }
    return verdict::done;
}

} // namespace

result<std::size_t> parse_request_head(std::string_view in, const head_limits& limits, request_head& out) {
    head_reader reader(in, limits);
    facts said;
    verdict v = reader.request_line(out);
    if (v == verdict::done) v = reader.fields(out.fields, said);
    if (v == verdict::done) v = settle(reader, said, out);
    return reader.answer(v, errc::bad_request);
}

result<std::size_t> parse_response_head(std::string_view in, const head_limits& limits, response_head& out) {
    head_reader reader(in, limits);
    facts said;
    verdict v = reader.status_line(out);
    if (v == verdict::done) v = reader.fields(out.fields, said);
    if (v == verdict::done) v = settle(reader, said, out);
    return reader.answer(v, errc::bad_upstream);
}

} // namespace sluice::http
