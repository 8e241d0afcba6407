#include "tests/support/fake_upstream.hpp"

#include "tests/support/descriptor.hpp"
#include "tests/support/http_text.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <optional>
#include <poll.h>
#include <thread>

namespace sluice::support {

namespace {

struct ssl_deleter {
    void operator()(SSL* one) const noexcept { SSL_free(one); }
    void operator()(SSL_CTX* one) const noexcept { SSL_CTX_free(one); }
};
using ssl_ptr = std::unique_ptr<SSL, ssl_deleter>;
using context_ptr = std::unique_ptr<SSL_CTX, ssl_deleter>;

context_ptr make_context(const identity& who) {
    std::signal(SIGPIPE, SIG_IGN); // OpenSSL writes without MSG_NOSIGNAL
    context_ptr context(SSL_CTX_new(TLS_server_method()));
    BIO* certificate = BIO_new_mem_buf(who.certificate.data(), static_cast<int>(who.certificate.size()));
    BIO* key = BIO_new_mem_buf(who.key.data(), static_cast<int>(who.key.size()));
    X509* shown = PEM_read_bio_X509(certificate, nullptr, nullptr, nullptr);
    EVP_PKEY* secret = PEM_read_bio_PrivateKey(key, nullptr, nullptr, nullptr);
    SSL_CTX_use_certificate(context.get(), shown);
    SSL_CTX_use_PrivateKey(context.get(), secret);
    X509_free(shown);
    EVP_PKEY_free(secret);
    BIO_free(certificate);
    BIO_free(key);
    return context;
}

descriptor listen_on_loopback() {
    descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at);
    ::listen(socket.get(), 4096);
    return socket;
}

} // namespace

// --- state that all threads share
// --------------------------------------------------------------------------------------

struct fake_upstream::state {
    explicit state(const identity* tls)
        : context(tls ? make_context(*tls) : nullptr) {}

    // True when `fd` is ready or ended, false when the time is over or the upstream is being taken down.
    [[nodiscard]] bool wait_ready(int fd, short events, int milliseconds) const {
        std::array<pollfd, 2> all{{{fd, events, 0}, {stop_event.get(), POLLIN, 0}}};
        const int n = ::poll(all.data(), all.size(), milliseconds);
        return n > 0 && all[1].revents == 0 && all[0].revents != 0;
    }
    [[nodiscard]] bool is_stopping() const { return stopping.load(); }

    void accept_loop();
    void serve(descriptor socket, std::size_t index);
    std::vector<script::step> steps_for(const received& what);

    context_ptr context;
    descriptor listener = listen_on_loopback();
    descriptor stop_event{::eventfd(0, EFD_CLOEXEC)};
    std::atomic<bool> stopping{false};
    std::atomic<std::uint64_t> bytes{0};

    mutable std::mutex guard;
    mutable std::condition_variable changed;
    std::deque<script> scripts; // references stay good
    std::deque<script> first_steps;
    std::vector<received> requests;
    std::vector<handshake> shaken;
    std::vector<std::thread> threads;
    std::size_t accepted = 0;
    std::size_t open = 0;
    std::size_t released = 0;
    std::thread acceptor;
};

namespace {

// One connection: its thread's view of it. State is the upstream's, whose type is private.
template <class State>
class connection final : public upstream_link {
public:
    connection(State& all, descriptor socket)
        : all_(all)
        , socket_(std::move(socket)) {}
    ~connection() override = default;

    bool shake(handshake& out) {
        if (!all_.context) return true;
        tls_.reset(SSL_new(all_.context.get()));
        SSL_set_fd(tls_.get(), socket_.get());
        out.done = SSL_accept(tls_.get()) == 1;
        if (!out.done) return false;
        out.resumed = SSL_session_reused(tls_.get()) == 1;
        const char* name = SSL_get_servername(tls_.get(), TLSEXT_NAMETYPE_host_name);
        if (name) out.server_name = name;
        return true;
    }

    // The next request, or nothing when the gateway has gone.
    std::optional<received> read_request() {
        received out;
        std::size_t end = input_.find("\r\n\r\n");
        while (end == std::string::npos) {
            if (!read_more()) return std::nullopt;
            end = input_.find("\r\n\r\n");
        }
        out.head = input_.substr(0, end + 4);
        input_.erase(0, end + 4);
        body_reader reader(out.head);
        while (!reader.take(input_, true)) {
            if (!read_more()) return std::nullopt;
        }
        out.body = std::move(reader.body());
        return out;
    }

    bool send(std::string_view bytes) override {
        while (!bytes.empty()) {
            if (is_ended()) return false;
            const ssize_t n =
                tls_ ? SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()))
                     : ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (n < 0 && !tls_ && errno == EAGAIN) {
                if (!all_.wait_ready(socket_.get(), POLLOUT, -1)) return false;
                continue;
            }
            if (n <= 0) return false;
            all_.bytes.fetch_add(static_cast<std::uint64_t>(n));
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
        return true;
    }
    bool pause(std::chrono::milliseconds time) override {
        if (is_ended()) return false;
        const bool gone = all_.wait_ready(socket_.get(), POLLRDHUP, static_cast<int>(time.count()));
        return !gone && !all_.is_stopping();
    }
    bool hold() override {
        for (;;) {
            {
                const std::lock_guard<std::mutex> lock(all_.guard);
                if (all_.released > 0) {
                    --all_.released;
                    return true;
                }
            }
            if (!pause(std::chrono::milliseconds(1))) return false;
        }
    }
    void wait_gone() override { (void)pause(std::chrono::milliseconds(3'600'000)); }
    void cork(bool on) override {
        const int value = on ? 1 : 0;
        ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_CORK, &value, sizeof value);
    }
    void finish() override {
        if (tls_) SSL_shutdown(tls_.get());
        finish_without_notice();
    }
    void finish_without_notice() override {
        ::shutdown(socket_.get(), SHUT_WR);
        wait_gone();
        socket_.close();
    }
    void reset() override {
        const linger now{1, 0};
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
        socket_.close();
    }
    [[nodiscard]] bool is_ended() const { return socket_.get() < 0 || all_.is_stopping(); }

private:
    bool read_more() {
        if (is_ended()) return false;
        const bool waiting = tls_ && SSL_pending(tls_.get()) > 0;
        if (!waiting && !all_.wait_ready(socket_.get(), POLLIN, -1)) return false;
        std::array<char, 16384> space{};
        const ssize_t n = tls_ ? SSL_read(tls_.get(), space.data(), static_cast<int>(space.size()))
                               : ::recv(socket_.get(), space.data(), space.size(), 0);
        if (n <= 0) return false;
        input_.append(space.data(), static_cast<std::size_t>(n));
        return true;
    }

    State& all_;
    descriptor socket_;
    ssl_ptr tls_;
    std::string input_;
};

// Runs the steps; false when the connection is over.
bool run_steps(const std::vector<script::step>& steps, upstream_link& link, const received& what) {
    return std::all_of(steps.begin(), steps.end(), [&](const script::step& one) { return one(link, what); });
}

} // namespace

void fake_upstream::state::accept_loop() {
    while (wait_ready(listener.get(), POLLIN, -1)) {
        descriptor socket(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (socket.get() < 0) continue;
        const int yes = 1;
        ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        // A send that nobody reads must not hang the thread for ever when the upstream is taken down.
        const timeval most{60, 0};
        ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
        const std::lock_guard<std::mutex> lock(guard);
        const std::size_t index = accepted++;
        ++open;
        threads.emplace_back(
            [this, index, socket = std::move(socket)]() mutable { serve(std::move(socket), index); });
        changed.notify_all();
    }
}

std::vector<script::step> fake_upstream::state::steps_for(const received& what) {
    const std::lock_guard<std::mutex> lock(guard);
    requests.push_back(what);
    changed.notify_all();
    for (script& one : scripts) {
        const std::string_view line = std::string_view(what.head).substr(0, what.head.find('\r'));
        const bool matches =
            line.find(one.part_) != std::string::npos || what.body.find(one.part_) != std::string::npos;
        if (!matches || one.left_ == 0) continue;
        if (one.left_ != SIZE_MAX) --one.left_;
        return one.steps_;
    }
    return {};
}

void fake_upstream::state::serve(descriptor socket, std::size_t index) {
    {
        connection<state> link(*this, std::move(socket));
        std::vector<script::step> first;
        {
            const std::lock_guard<std::mutex> lock(guard);
            for (script& one : first_steps) {
                if (one.left_ == 0) continue;
                if (one.left_ != SIZE_MAX) --one.left_;
                first = one.steps_;
                break;
            }
        }
        received nothing;
        nothing.connection = index;
        handshake seen;
        bool good = run_steps(first, link, nothing) && link.shake(seen);
        if (context) {
            const std::lock_guard<std::mutex> lock(guard);
            shaken.push_back(seen);
        }
        while (good) {
            auto next = link.read_request();
            if (!next) break;
            next->connection = index;
            const auto steps = steps_for(*next);
            good = run_steps(steps, link, *next) && !link.is_ended();
        }
    }
    const std::lock_guard<std::mutex> lock(guard);
    --open;
    changed.notify_all();
}

// --- what tests use
// ----------------------------------------------------------------------------------------------------

fake_upstream::fake_upstream()
    : state_(std::make_unique<state>(nullptr)) {
    state_->acceptor = std::thread([all = state_.get()] { all->accept_loop(); });
}

fake_upstream::fake_upstream(const identity& tls)
    : state_(std::make_unique<state>(&tls)) {
    state_->acceptor = std::thread([all = state_.get()] { all->accept_loop(); });
}

fake_upstream::~fake_upstream() {
    state_->stopping = true;
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t n = ::write(state_->stop_event.get(), &one, sizeof one);
    state_->acceptor.join();
    for (std::thread& each : state_->threads)
        each.join();
}

script& fake_upstream::when(std::string_view part) {
    const std::lock_guard<std::mutex> lock(state_->guard);
    script& made = state_->scripts.emplace_back();
    made.part_ = part;
    return made;
}

script& fake_upstream::on_accept() {
    const std::lock_guard<std::mutex> lock(state_->guard);
    return state_->first_steps.emplace_back();
}

void fake_upstream::clear() {
    const std::lock_guard<std::mutex> lock(state_->guard);
    state_->scripts.clear();
    state_->first_steps.clear();
}

void fake_upstream::release(std::size_t n) {
    const std::lock_guard<std::mutex> lock(state_->guard);
    state_->released += n;
}

std::uint16_t fake_upstream::port() const {
    sockaddr_in at{};
    socklen_t size = sizeof at;
    ::getsockname(state_->listener.get(), reinterpret_cast<sockaddr*>(&at), &size);
    return ntohs(at.sin_port);
}

std::string fake_upstream::base_url(std::string_view host) const {
    return (state_->context ? "https://" : "http://") + std::string(host) + ":" + std::to_string(port()) +
           "/v1";
}

std::vector<received> fake_upstream::requests() const {
    const std::lock_guard<std::mutex> lock(state_->guard);
    return state_->requests;
}

std::size_t fake_upstream::request_count() const {
    const std::lock_guard<std::mutex> lock(state_->guard);
    return state_->requests.size();
}

std::size_t fake_upstream::accepted() const {
    const std::lock_guard<std::mutex> lock(state_->guard);
    return state_->accepted;
}

std::size_t fake_upstream::open() const {
    const std::lock_guard<std::mutex> lock(state_->guard);
    return state_->open;
}

std::uint64_t fake_upstream::bytes_sent() const {
    return state_->bytes.load();
}

std::vector<handshake> fake_upstream::handshakes() const {
    const std::lock_guard<std::mutex> lock(state_->guard);
    return state_->shaken;
}

bool fake_upstream::wait_requests(std::size_t n) const {
    std::unique_lock<std::mutex> lock(state_->guard);
    return state_->changed.wait_for(lock, patience, [&] { return state_->requests.size() >= n; });
}

bool fake_upstream::wait_open(std::size_t n) const {
    std::unique_lock<std::mutex> lock(state_->guard);
    return state_->changed.wait_for(lock, patience, [&] { return state_->open == n; });
}

} // namespace sluice::support
