#include "tools/provider/knobs.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace sluice::sim {

namespace {

using std::chrono::milliseconds;

// This text is the documentation of the knobs; keep it in step with the tables below.
constexpr std::string_view help_text =
    R"(Knobs: a SPEC is dash-separated words, as in  b500-l60  or  n50-d20-cut10 .
It comes from the request header `x-sim: SPEC`, else from the model name (or Azure deployment) when that is
<anything>-sim-SPEC, sim-SPEC or mk-SPEC (mk: b500, n50 and f1536 unless told otherwise).
N is a decimal number; N followed by k is N * 1024. A word that is not known is answered with 400.

  size and time
    bN        bytes of a JSON body (of a stream: bytes of its text)
    lN        ms before the first byte
    nN        words of the text, and content chunks of a stream: one word each
    dN        ms between content chunks
    fN        floats of an embedding
    bigN      the first content chunk of a stream, or the text of a JSON answer, has N KiB
    drip[N]   every byte is written by itself, N ms apart (default 1)
    staleN    the connection is closed without notice when it has been idle for N ms after this answer

  what is answered
    eN        status N with an error body of the API         raN   Retry-After: N (seconds)
    sN        100, 102, 103: an interim answer first; 101: only that, then silence; 204: no body; else status N
    echo, echoreq, echohead    the text is the last user message or prompt / the request body as received /
              the request line and header fields. So are model names that begin with echo, echo-request,
              echo-head; the header `x-sim-echo: 1` means echo.
    nousage   no usage anywhere

  faults (N counts content chunks of a stream, bytes of any other body)
    cut       close before the head          cuthead   close in the middle of the head
    cutN      close after N                  stall[N]  silence after N (default 0: after the head)
    rst       what is cut is cut by a TCP reset instead of a close
    badchunk  a broken chunk size            badjson   a body or an event that is not JSON
    html      an HTML page (with eN: an HTML error page)
    array     the JSON (of a body or of every event) stands in an array
    gzip      Content-Encoding: gzip, and it is
    redirect  307 to /__redirected, whose calls /__stats counts
    extra     a second answer nobody asked for follows the body on a connection that is kept alive
    close     Connection: close              noclen    no length: the body ends with the connection
    chunked   a JSON body is sent in two chunks
    errN      an error event after N content chunks of a 200 stream, then its end (a JSON answer is a 200 with the error)
    nodone    no [DONE]                      nofinish  no chunk has a finish_reason
    crlf      SSE lines end in CR LF         comments  a comment line before every event
)";

struct flag_word {
    std::string_view word;
    bool knobs::* member;
};

constexpr std::array<flag_word, 18> flag_words{{{"cut", &knobs::cut_before_head},
                                                {"cuthead", &knobs::cut_head},
                                                {"rst", &knobs::reset},
                                                {"badchunk", &knobs::bad_chunk},
                                                {"badjson", &knobs::bad_json},
                                                {"html", &knobs::html},
                                                {"array", &knobs::array},
                                                {"gzip", &knobs::gzip},
                                                {"redirect", &knobs::redirect},
                                                {"extra", &knobs::extra},
                                                {"close", &knobs::close},
                                                {"noclen", &knobs::no_length},
                                                {"chunked", &knobs::chunked},
                                                {"nodone", &knobs::no_done},
                                                {"nofinish", &knobs::no_finish},
                                                {"nousage", &knobs::no_usage},
                                                {"crlf", &knobs::crlf},
                                                {"comments", &knobs::comments}}};

struct number_word {
    std::string_view prefix;
    std::uint64_t least;
    std::uint64_t most;
    void (*set)(knobs&, std::uint64_t);
};

constexpr std::uint64_t most_bytes = std::uint64_t{64} * 1024 * 1024;
constexpr std::uint64_t most_chunks = 1'000'000;
constexpr std::uint64_t most_ms = 3'600'000;

// The longer prefix stands before the shorter one that it begins with.
constexpr std::array<number_word, 14> number_words{{
    {"big", 1, 65'536, [](knobs& k, std::uint64_t n) { k.big_kib = n; }},
    {"b", 0, most_bytes, [](knobs& k, std::uint64_t n) { k.body_bytes = n; }},
    {"l", 0, most_ms, [](knobs& k, std::uint64_t n) { k.latency = milliseconds(n); }},
    {"n", 0, most_chunks, [](knobs& k, std::uint64_t n) { k.chunks = n; }},
    {"drip", 0, 60'000, [](knobs& k, std::uint64_t n) { k.drip = milliseconds(n); }},
    {"d", 0, most_ms, [](knobs& k, std::uint64_t n) { k.pace = milliseconds(n); }},
    {"f", 1, 65'536, [](knobs& k, std::uint64_t n) { k.floats = n; }},
    {"err", 0, most_chunks, [](knobs& k, std::uint64_t n) { k.error_after = n; }},
    {"e", 400, 599, [](knobs& k, std::uint64_t n) { k.error_status = static_cast<int>(n); }},
    {"ra", 0, most_ms, [](knobs& k, std::uint64_t n) { k.retry_after_seconds = static_cast<unsigned>(n); }},
    {"stale", 0, most_ms, [](knobs& k, std::uint64_t n) { k.stale = milliseconds(n); }},
    {"stall", 0, most_bytes, [](knobs& k, std::uint64_t n) { k.stall_after = n; }},
    {"s", 100, 299, [](knobs& k, std::uint64_t n) { k.status = static_cast<int>(n); }},
    {"cut", 0, most_bytes, [](knobs& k, std::uint64_t n) { k.cut_after = n; }},
}};

std::optional<std::uint64_t> number(std::string_view text) {
    const bool kibi = text.ends_with('k');
    if (kibi) text.remove_suffix(1);
    std::uint64_t n = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (text.empty() || ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (kibi && n > most_bytes) return std::nullopt;
    return kibi ? n * 1024 : n;
}

// Words that are a whole in themselves. False: it is none of them.
bool apply_plain(knobs& k, std::string_view word) {
    for (const flag_word& f : flag_words) {
        if (f.word != word) continue;
        k.*f.member = true;
        return true;
    }
    if (word == "drip")
        k.drip = milliseconds(1);
    else if (word == "stall")
        k.stall_after = 0;
    else if (word == "stale")
        k.stale = milliseconds(0);
    else if (word == "err")
        k.error_after = 0;
    else if (word == "echo")
        k.echo = echo_kind::input;
    else if (word == "echoreq")
        k.echo = echo_kind::request;
    else if (word == "echohead")
        k.echo = echo_kind::head;
    else
        return false;
    return true;
}

result<void> apply(knobs& k, std::string_view word) {
    if (apply_plain(k, word)) return {};
    for (const number_word& w : number_words) {
        if (!word.starts_with(w.prefix)) continue;
        const std::optional<std::uint64_t> n = number(word.substr(w.prefix.size()));
        if (!n) continue;
        if (*n < w.least || *n > w.most)
            return fail(errc::bad_request,
                        "The number of the knob '" + std::string(word) + "' is out of range.");
        w.set(k, *n);
        return {};
    }
    return fail(errc::bad_request, "'" + std::string(word) + "' is not a knob of the simulated provider.");
}

result<knobs> parse_onto(knobs k, std::string_view spec) {
    while (!spec.empty()) {
        const std::size_t dash = std::min(spec.find('-'), spec.size());
        const std::string_view word = spec.substr(0, dash);
        spec.remove_prefix(std::min(dash + 1, spec.size()));
        if (word.empty()) continue;
        if (auto done = apply(k, word); !done) return fail(done.error());
    }
    return k;
}

} // namespace

result<knobs> parse_knobs(std::string_view spec) {
    return parse_onto(knobs{}, spec);
}

result<knobs> knobs_of_model(std::string_view model) {
    knobs base;
    if (model.starts_with("echo-request"))
        base.echo = echo_kind::request;
    else if (model.starts_with("echo-head"))
        base.echo = echo_kind::head;
    else if (model.starts_with("echo"))
        base.echo = echo_kind::input;

    constexpr std::string_view infix = "-sim-";
    if (model.starts_with("sim-")) return parse_onto(base, model.substr(4));
    if (model.starts_with("mk-")) {
        base.body_bytes = 500;
        base.chunks = 50;
        base.floats = 1536;
        return parse_onto(base, model.substr(3));
    }
    const std::size_t at = model.find(infix);
    if (at == std::string_view::npos) return base;
    return parse_onto(base, model.substr(at + infix.size()));
}

std::string_view knob_help() noexcept {
    return help_text;
}

} // namespace sluice::sim
