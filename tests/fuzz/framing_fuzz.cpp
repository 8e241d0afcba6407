// Request and response heads and chunked bodies: reading in pieces equals reading the whole, and whatever our
// parser accepts, Boost.Beast's parser accepts with the same method, target, fields and body.
#include "core/http/framing.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace {

namespace beast = boost::beast;
using sluice::http::body_kind;

void must(bool holds) {
    if (!holds) std::abort();
}

// Pieces of a length that the fuzzer chooses.
class splitter {
public:
    explicit splitter(std::uint8_t seed)
        : state_(seed) {}
    std::size_t next() {
        state_ = state_ * 1103515245U + 12345U;
        const unsigned roll = state_ >> 16U;
        return roll % 4 == 0 ? roll % 61 : 1 + roll % 3;
    }

private:
    unsigned state_;
};

// What both heads have.
struct head_facts {
    // By name in lower case; of one name in the order of the head.
    std::multimap<std::string, std::string> fields;
    std::string start;
    body_kind body = body_kind::none;
    std::uint64_t length = 0;
};

void add(head_facts& facts, std::string name, std::string value) {
    for (char& c : name)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    facts.fields.emplace(std::move(name), std::move(value));
}

template <class Head>
head_facts facts_of(const Head& head, std::string start) {
    head_facts facts;
    for (const sluice::http::field& f : head.fields)
        add(facts, std::string(f.name), std::string(f.value));
    facts.start = std::move(start);
    facts.body = head.body;
    facts.length = head.content_length;
    return facts;
}

struct request_side {
    using head = sluice::http::request_head;
    static constexpr bool is_request = true;
    static auto parse(std::string_view in, head& out) {
        return sluice::http::parse_request_head(in, sluice::http::request_head_limits, out);
    }
    static head_facts facts(const head& h) {
        must(h.target.starts_with('/'));
        must(h.path.size() + h.query.size() <= h.target.size());
        return facts_of(
            h, std::string(h.verb_text) + ' ' + std::string(h.target) + std::to_string(h.minor_version));
    }
    template <class Message>
    static std::string start_of(const Message& m) {
        return std::string(m.method_string()) + ' ' + std::string(m.target()) +
               std::to_string(m.version() - 10);
    }
};

struct response_side {
    using head = sluice::http::response_head;
    static constexpr bool is_request = false;
    static auto parse(std::string_view in, head& out) {
        return sluice::http::parse_response_head(in, sluice::http::response_head_limits, out);
    }
    static head_facts facts(const head& h) {
        must(h.status >= 100 && h.status <= 599);
        return facts_of(h, std::to_string(h.status) + ' ' + std::to_string(h.minor_version));
    }
    template <class Message>
    static std::string start_of(const Message& m) {
        return std::to_string(m.result_int()) + ' ' + std::to_string(m.version() - 10);
    }
};

struct decoded {
    std::string body;
    std::size_t used = 0;
    bool finished = false;
    bool failed = false;
};

// `split` null: the input as one piece. Every piece has memory of its own, so that a read behind it is found.
decoded decode(std::string_view in, splitter* split) {
    decoded out;
    sluice::http::chunk_decoder decoder;
    while (!out.finished && !in.empty()) {
        const std::size_t size = split ? std::min(split->next(), in.size()) : in.size();
        const auto memory = std::make_unique<char[]>(size);
        in.copy(memory.get(), size);
        std::string_view piece(memory.get(), size);
        for (;;) {
            const auto step = decoder.feed(piece);
            if (!step) {
                out.failed = true;
                return out;
            }
            must(step->consumed <= piece.size());
            out.body += step->data;
            out.used += step->consumed;
            piece.remove_prefix(step->consumed);
            out.finished = step->finished;
            if (out.finished || step->consumed == 0) break;
        }
        must(out.finished || piece.empty());
        in.remove_prefix(size);
    }
    return out;
}

decoded check_chunks(std::string_view in, splitter& split) {
    const decoded whole = decode(in, nullptr);
    const decoded pieces = decode(in, &split);
    must(whole.failed == pieces.failed);
    if (whole.failed) return whole; // how much came before the error depends on the pieces
    must(whole.body == pieces.body && whole.used == pieces.used && whole.finished == pieces.finished);
    return whole;
}

// The same head by growing pieces: "more" until it is whole, and the same verdict then.
template <class Side>
void check_growth(std::string_view in, const sluice::result<std::size_t>& whole, splitter& split) {
    std::size_t size = 0;
    bool refused = false;
    while (size < in.size() && !refused) {
        size = std::min(in.size(), size + split.next());
        const auto memory = std::make_unique<char[]>(size);
        in.copy(memory.get(), size);
        typename Side::head head;
        const auto part = Side::parse({memory.get(), size}, head);
        refused = !part;
        if (refused) {
            must(!whole);
        } else if (whole) {
            must(*part == (*whole != 0 && size >= *whole ? *whole : 0));
        } else {
            must(*part == 0 && size < in.size());
        }
    }
}

// Beast's reading of a head that ours accepted, and of the body behind it when that is whole.
template <class Side>
void check_beast(std::string_view head,
                 const head_facts& ours,
                 std::string_view body,
                 const decoded& chunks) {
    beast::http::parser<Side::is_request, beast::http::string_body> parser;
    parser.header_limit(1U << 20U);
    parser.body_limit(boost::none);
    beast::error_code failed;
    parser.put(boost::asio::buffer(head.data(), head.size()), failed);
    must(!failed && parser.is_header_done());

    head_facts theirs;
    theirs.start = Side::start_of(parser.get());
    for (const auto& f : parser.get())
        add(theirs, std::string(f.name_string()), std::string(f.value()));
    must(theirs.start == ours.start && theirs.fields == ours.fields);
    if (ours.body == body_kind::chunked) must(parser.chunked());
    if (ours.body == body_kind::length) must(parser.content_length() == ours.length);
    if (ours.body != body_kind::chunked || !chunks.finished) return;

    parser.eager(true);
    std::string_view rest = body.substr(0, chunks.used);
    while (!parser.is_done()) {
        const std::size_t used = parser.put(boost::asio::buffer(rest.data(), rest.size()), failed);
        rest.remove_prefix(used);
        if (failed) break;
        must(used > 0 || parser.is_done());
    }
    must(parser.get().body() == chunks.body);
    // Beast treats trailers like head fields and may refuse what they say; ours drops them.
    const bool trailer_refused = failed == beast::http::error::bad_content_length ||
                                 failed == beast::http::error::bad_value ||
                                 failed == beast::http::error::multiple_content_length ||
                                 failed == beast::http::error::bad_transfer_encoding;
    must(trailer_refused || (!failed && rest.empty()));
}

template <class Side>
void check(std::string_view in, splitter split) {
    typename Side::head head;
    const auto whole = Side::parse(in, head);
    check_growth<Side>(in, whole, split);
    if (!whole || *whole == 0) return;
    const std::string_view body = in.substr(*whole);
    const decoded chunks = head.body == body_kind::chunked ? check_chunks(body, split) : decoded{};
    std::string head_text(in.substr(0, *whole));
    // Beast knows no empty lines before a request, and wants a blank behind the status.
    while (head_text.starts_with("\r\n"))
        head_text.erase(0, 2);
    if (!Side::is_request && head_text[12] == '\r') head_text.insert(12, 1, ' ');
    // Beast refuses bad lists in this field, which means nothing to anybody.
    for (const auto& f : head.fields) {
        if (sluice::http::iequals(f.name, "Proxy-Connection")) return;
    }
    check_beast<Side>(head_text, Side::facts(head), body, chunks);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::string in(reinterpret_cast<const char*>(data) + 2, size - 2);
    const splitter split(data[1]);
    switch (data[0] % 3) {
    case 0: check<request_side>(in, split); break;
    case 1: check<response_side>(in, split); break;
    default:
        check<request_side>("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + in, split);
        break;
    }
    return 0;
}
