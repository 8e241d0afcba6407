// The program: flags, signals, exit code.
#include "core/base/log.hpp"
#include "proxy/gateway.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

namespace {

using sluice::proxy::settings;

constexpr int exit_usage = 2;
constexpr int exit_failure = 1;

struct flags {
    std::string config;
    std::vector<std::string> listen;
    std::string data;
    std::optional<unsigned> threads;
    std::vector<std::string> upstream_allow;
    std::vector<std::string> upstream_ca;
};

void define(CLI::App& serve, flags& given) {
    serve.add_option("--config", given.config, "YAML config file")->type_name("FILE");
    serve
        .add_option(
            "--listen", given.listen, "Address to listen on; may be repeated (default 127.0.0.1:8080)")
        ->type_name("HOST:PORT");
    serve
        .add_option(
            "--data", given.data, "Directory of the database and the master key (default sluice-data)")
        ->type_name("DIR");
    serve.add_option("--threads", given.threads, "Shards, one thread each (default: one per core)")
        ->type_name("N");
    serve
        .add_option("--upstream-allow",
                    given.upstream_allow,
                    "Private, loopback or plain-http upstream addresses to allow; may be repeated")
        ->type_name("CIDR");
    serve
        .add_option("--upstream-ca",
                    given.upstream_ca,
                    "PEM file of CAs to trust beside the system's; may be repeated")
        ->type_name("FILE");
}

// Environment variables are read once, before any thread is started.
sluice::secret_string from_environment(const char* name) {
    const char* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): no other thread runs yet
    return sluice::secret_string(value ? value : "");
}

sluice::result<settings> settings_of(const flags& given) {
    settings s;
    s.admin_token = from_environment("SLUICE_ADMIN_TOKEN");
    s.master_key = from_environment("SLUICE_MASTER_KEY");
    if (!given.config.empty()) {
        auto read = sluice::proxy::read_config_file(given.config, std::move(s));
        if (!read) return read;
        s = *std::move(read);
    }
    if (!given.listen.empty()) s.listen = given.listen;
    if (!given.data.empty()) s.data_dir = given.data;
    if (given.threads) s.threads = *given.threads;
    s.upstream_allow.insert(s.upstream_allow.end(), given.upstream_allow.begin(), given.upstream_allow.end());
    s.upstream_ca.insert(s.upstream_ca.end(), given.upstream_ca.begin(), given.upstream_ca.end());
    auto good = sluice::proxy::check(s);
    if (!good) return sluice::fail(std::move(good).error());
    return s;
}

// Keys are in memory: no core files, no debugger of the same user; and as many descriptors as we may have.
void harden() {
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

int complain(const sluice::error& e) {
    std::fprintf(stderr, "sluice: %s\n", e.message.c_str());
    return exit_failure;
}

sluice::log::level level_of(const std::string& name) {
    if (name == "debug") return sluice::log::level::debug;
    if (name == "warn") return sluice::log::level::warn;
    if (name == "error") return sluice::log::level::error;
    return sluice::log::level::info;
}

void show_once(const sluice::secret_string& token) {
    const std::string_view text = token.reveal();
    std::printf("admin token (shown only once): %.*s\n", static_cast<int>(text.size()), text.data());
    std::fflush(stdout);
}

int serve(const flags& given) {
    auto config = settings_of(given);
    if (!config) return complain(config.error());
    harden();
    sluice::log::start(level_of(config->log_level));

    std::signal(SIGPIPE, SIG_IGN); // a closed log pipe or client is an error of that write, not the end
    // Signals are caught before any other thread starts, and handled here.
    boost::asio::io_context io;
    boost::asio::signal_set signals(io, SIGTERM, SIGINT);
    signals.async_wait([](const boost::system::error_code&, int) {});

    const sluice::system_clock time;
    sluice::proxy::gateway gateway(*std::move(config), time);
    auto started = gateway.start();
    if (const auto token = gateway.made_admin_token())
        show_once(*token); // also when something else went wrong
    if (!started) {
        sluice::log::stop();
        return complain(started.error());
    }
    for (const auto& at : gateway.listening()) {
        const std::string host =
            at.address().is_v6() ? "[" + at.address().to_string() + "]" : at.address().to_string();
        std::printf("listening http %s:%d\n", host.c_str(), static_cast<int>(at.port()));
    }
    std::fflush(stdout);

    io.run();        // until a signal
    signals.clear(); // a second one ends the program at once
    gateway.drain_and_stop();
    sluice::log::stop();
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app("Sluice: a model-serving gateway that speaks the Databricks serving-endpoints API.",
                 "sluice");
    app.set_version_flag("--version", "sluice " SLUICE_VERSION);
    app.require_subcommand(1);
    flags given;
    CLI::App* serve_command = app.add_subcommand("serve", "Run the gateway");
    define(*serve_command, given);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? 0 : exit_usage;
    }
    return serve(given);
}
