// The simulated provider as a server: listeners, threads, TLS. One io_context a thread; every thread listens
// on every address (SO_REUSEPORT), so a connection lives on one thread.
#pragma once

#include "core/base/error.hpp"
#include "tools/provider/access.hpp"
#include "tools/provider/stats.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sluice::sim {

struct server_settings {
    std::vector<std::string> listen;     // HOST:PORT, plain HTTP; port 0: any free one
    std::vector<std::string> tls_listen; // HOST:PORT
    std::string certificate;             // PEM files, needed with tls_listen
    std::string key;
    access who;
    unsigned threads = 1;
};

class server {
public:
    // Binds and listens. Error bad_request: an address or a certificate that cannot be used; the sentence
    // says which.
    [[nodiscard]] static result<std::unique_ptr<server>> start(server_settings settings);

    server(const server&) = delete;
    server& operator=(const server&) = delete;
    ~server(); // stops and joins

    // "http 127.0.0.1:40001" for each listener, in the order of the settings, http first.
    [[nodiscard]] const std::vector<std::string>& addresses() const noexcept;
    [[nodiscard]] const stats& counters() const noexcept;

    // Returns when SIGINT or SIGTERM has come and all threads have ended.
    void run_until_signal();
    // Closes all listeners and connections. Any thread, any number of times.
    void stop();

private:
    struct parts;
    explicit server(std::unique_ptr<parts> p);

    std::unique_ptr<parts> parts_;
};

} // namespace sluice::sim
