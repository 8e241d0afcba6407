#include "tools/loadgen/load.hpp"

#include "tools/loadgen/response_reader.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <cmath>
#include <exception>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::load {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using clock = std::chrono::steady_clock;
using tcp = asio::ip::tcp;
using boost::system::error_code;

constexpr asio::as_tuple_t<asio::use_awaitable_t<>> use_result{};
constexpr std::size_t read_size = std::size_t{64} * 1024;

std::uint64_t microseconds(clock::duration time) {
    return static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::microseconds>(time).count()));
}

class worker;

// What the workers share; all of it belongs to the one thread that runs.
struct run_state {
    explicit run_state(const plan& p)
        : settings(p) {}

    const plan& settings;
    asio::io_context context{1};
    report result;
    clock::time_point start;
    clock::time_point last_answer;
    std::uint64_t claimed = 0;
    bool over = false; // the grace is over
    std::vector<worker*> workers;

    // When the next request is due, or nothing when there is no more to send.
    std::optional<clock::time_point> claim() {
        const plan& p = settings;
        if (over || (p.most_requests > 0 && claimed >= p.most_requests)) return std::nullopt;
        const clock::time_point now = clock::now();
        clock::time_point due = now;
        if (p.rate > 0)
            due = start + std::chrono::duration_cast<clock::duration>(
                              std::chrono::duration<double>(static_cast<double>(claimed) / p.rate));
        if (due >= start + p.duration) return std::nullopt;
        ++claimed;
        return due;
    }

    void count_error(std::string_view what) { ++result.errors[std::string(what)]; }
};

class worker {
public:
    explicit worker(run_state& run)
        : run_(run)
        , socket_(run.context)
        , timer_(run.context) {}

    asio::awaitable<void> work();

    void stop() {
        error_code ignored;
        socket_.close(ignored);
        timer_.cancel();
    }

private:
    asio::awaitable<bool> connect();
    asio::awaitable<bool> exchange(clock::time_point due);
    asio::awaitable<std::string_view> read(response_reader& reader, clock::time_point due);
    void finished(const response_reader& reader, clock::time_point due);

    run_state& run_;
    tcp::socket socket_;
    asio::steady_timer timer_;
    boost::beast::flat_buffer buffer_;
};

asio::awaitable<void> worker::work() {
    while (const std::optional<clock::time_point> due = run_.claim()) {
        if (*due > clock::now()) {
            timer_.expires_at(*due);
            [[maybe_unused]] auto [ec] = co_await timer_.async_wait(use_result);
        }
        if (run_.over) {
            ++run_.result.unfinished;
            co_return;
        }
        error_code ignored;
        if (!socket_.is_open() && !co_await connect()) {
            run_.count_error("connect");
            socket_.close(ignored);
            // A target that is down must not be hammered.
            timer_.expires_after(std::chrono::milliseconds(10));
            [[maybe_unused]] auto [ec] = co_await timer_.async_wait(use_result);
            continue;
        }
        if (!co_await exchange(*due)) socket_.close(ignored);
    }
}

asio::awaitable<bool> worker::connect() {
    buffer_.clear();
    const tcp::endpoint to(asio::ip::make_address(run_.settings.to.address), run_.settings.to.port);
    auto [ec] = co_await socket_.async_connect(to, use_result);
    error_code ignored;
    if (!ec) socket_.set_option(tcp::no_delay(true), ignored);
    co_return !ec;
}

// False: the connection cannot be used again.
asio::awaitable<bool> worker::exchange(clock::time_point due) {
    const clock::time_point counted_from = run_.settings.rate > 0 ? due : clock::now();
    const auto bytes = asio::buffer(run_.settings.request);
    auto [ec, n] = co_await asio::async_write(socket_, bytes, use_result);
    response_reader reader(run_.settings.stream);
    std::string_view failure = ec ? std::string_view("write") : std::string_view();
    if (failure.empty()) failure = co_await read(reader, counted_from);
    if (!failure.empty()) {
        if (run_.over)
            ++run_.result.unfinished;
        else
            run_.count_error(failure);
        co_return false;
    }
    finished(reader, counted_from);
    co_return reader.keep_alive();
}

// Returns what went wrong, or nothing.
asio::awaitable<std::string_view> worker::read(response_reader& reader, clock::time_point due) {
    bool begun = false;
    for (;;) {
        error_code ec = http::error::need_more;
        if (buffer_.size() > 0) buffer_.consume(reader.put(buffer_.data(), ec));
        if (ec && ec != http::error::need_more) co_return std::string_view("malformed");
        if (!begun && (run_.settings.stream ? reader.events().events() > 0 : reader.body_bytes() > 0)) {
            begun = true;
            run_.result.first_byte.add(microseconds(clock::now() - due));
        }
        if (reader.is_done()) co_return std::string_view();
        auto space = buffer_.prepare(read_size);
        auto [read_ec, n] = co_await socket_.async_read_some(space, use_result);
        buffer_.commit(n);
        if (!read_ec) continue;
        if (read_ec == asio::error::eof && reader.got_some()) {
            reader.put_eof(ec);
            if (!ec && reader.is_done()) co_return std::string_view();
        }
        co_return std::string_view(reader.got_some() ? "cut" : "closed");
    }
}

void worker::finished(const response_reader& reader, clock::time_point due) {
    run_.last_answer = clock::now();
    report& r = run_.result;
    ++r.requests;
    r.chunks += reader.events().events();
    r.body_bytes += reader.body_bytes();
    r.latency.add(microseconds(run_.last_answer - due));
    if (reader.status() != 200)
        run_.count_error(std::to_string(reader.status()));
    else if (run_.settings.stream && reader.events().failed())
        run_.count_error("error_event");
    else if (run_.settings.stream && !reader.events().done())
        run_.count_error("no_done");
}

asio::awaitable<void> end_after(run_state& run, asio::steady_timer& timer) {
    auto [ec] = co_await timer.async_wait(use_result);
    if (ec) co_return;
    run.over = true;
    for (worker* w : run.workers)
        w->stop();
}

void append_percentiles(std::string& out, std::string_view name, const histogram& h) {
    out += ",\"" + std::string(name) + "\":{\"p50\":" + std::to_string(h.percentile(0.5));
    out += ",\"p90\":" + std::to_string(h.percentile(0.9)) + ",\"p99\":" + std::to_string(h.percentile(0.99));
    out += ",\"max\":" + std::to_string(h.max()) + '}';
}

std::string with_one_decimal(double number) {
    const auto tenths = static_cast<std::uint64_t>(std::llround(number * 10));
    return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10);
}

} // namespace

report run(const plan& p) {
    run_state state(p);
    std::vector<std::unique_ptr<worker>> workers;
    asio::steady_timer end(state.context, p.duration + p.grace);
    state.start = clock::now();
    state.last_answer = state.start;
    std::size_t working = p.connections;
    for (std::size_t i = 0; i < p.connections; ++i) {
        workers.push_back(std::make_unique<worker>(state));
        state.workers.push_back(workers.back().get());
        asio::co_spawn(
            state.context, workers.back()->work(), [&working, &end](const std::exception_ptr& failure) {
                if (failure) std::rethrow_exception(failure); // a bug: the program ends with it
                if (--working == 0) end.cancel();
            });
    }
    asio::co_spawn(state.context, end_after(state, end), [](const std::exception_ptr& failure) {
        if (failure) std::rethrow_exception(failure);
    });
    state.context.run();
    // An open loop that fell behind for good has requests that were due and that nobody was free to send.
    while (p.rate > 0 && state.over) {
        state.over = false;
        const bool more = state.claim().has_value();
        state.over = true;
        if (!more) break;
        ++state.result.unfinished;
    }
    state.result.seconds = std::chrono::duration<double>(state.last_answer - state.start).count();
    return std::move(state.result);
}

std::string to_json(const report& r) {
    const double seconds = r.seconds > 0 ? r.seconds : 1;
    std::uint64_t failed = 0;
    std::string errors;
    for (const auto& [what, count] : r.errors) {
        errors += (errors.empty() ? "\"" : ",\"") + what + "\":" + std::to_string(count);
        failed += count;
    }
    std::string out = "{\"requests\":" + std::to_string(r.requests);
    out += ",\"failed\":" + std::to_string(failed) + ",\"errors\":{" + errors + '}';
    out += ",\"unfinished\":" + std::to_string(r.unfinished);
    out += ",\"seconds\":" + with_one_decimal(r.seconds);
    out += ",\"requests_per_s\":" + with_one_decimal(static_cast<double>(r.requests) / seconds);
    append_percentiles(out, "latency_us", r.latency);
    append_percentiles(out, "ttfc_us", r.first_byte);
    out += ",\"chunks\":" + std::to_string(r.chunks);
    out += ",\"chunks_per_s\":" + with_one_decimal(static_cast<double>(r.chunks) / seconds);
    out += ",\"body_bytes\":" + std::to_string(r.body_bytes) + '}';
    return out;
}

} // namespace sluice::load
