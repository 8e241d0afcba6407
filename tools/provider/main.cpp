// sluice-provider: a simulated provider of generative models, for tests, demonstrations and load tests of
// gateways.
#include "tools/provider/certificates.hpp"
#include "tools/provider/knobs.hpp"
#include "tools/provider/server.hpp"

#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

namespace {

using sluice::sim::server;
using sluice::sim::server_settings;

int complain(const std::string& message) {
    std::fprintf(stderr, "sluice-provider: %s\n", message.c_str());
    return 2;
}

int serve(server_settings settings, const std::string& ca_directory) {
    if (settings.listen.empty() && settings.tls_listen.empty())
        settings.listen.emplace_back("127.0.0.1:9100");
    if (!ca_directory.empty()) {
        auto files = sluice::sim::make_test_ca(ca_directory);
        if (!files) return complain(files.error().message);
        settings.certificate = files->certificate;
        settings.key = files->key;
    }
    if (!settings.tls_listen.empty() && (settings.certificate.empty() || settings.key.empty()))
        return complain("--tls-listen needs --cert and --key, or --make-ca.");
    auto started = server::start(std::move(settings));
    if (!started) return complain(started.error().message);
    for (const std::string& address : (*started)->addresses())
        std::printf("listening %s\n", address.c_str());
    std::fflush(stdout);
    (*started)->run_until_signal();
    return 0;
}

void add_token_options(CLI::App& app, sluice::sim::access& who) {
    app.add_option("--token-seconds", who.token_seconds, "how long tokens that are given out are good")
        ->check(CLI::Range(1, 86'400));
    app.add_option(
        "--google-issuer", who.google_issuer, "e-mail address of the service account (default: any)");
    app.add_option("--aws-key-id", who.aws_key_id, "access key id that requests may be signed with");
    app.add_option("--aws-secret", who.aws_secret, "and its secret");
    app.add_option("--entra-client", who.entra_client, "client id of Microsoft Entra (default: any)");
    app.add_option("--entra-secret", who.entra_secret, "and its secret");
}

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

} // namespace

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    CLI::App app(
        "A simulated provider of generative models: the APIs of OpenAI (and Azure), Anthropic, Cohere, "
        "AI21,\nVertex AI, Bedrock and PaLM, with their token services; GET /healthz, GET /__stats.",
        "sluice-provider");
    app.footer("\n" + std::string(sluice::sim::knob_help()));
    app.set_version_flag("--version", SLUICE_VERSION);
    server_settings settings;
    std::string ca_directory;
    app.add_option(
        "--listen", settings.listen, "HOST:PORT for plain HTTP; port 0: any (default 127.0.0.1:9100)");
    app.add_option("--tls-listen", settings.tls_listen, "HOST:PORT for HTTPS");
    app.add_option("--cert", settings.certificate, "PEM file: the server's certificate and its chain");
    app.add_option("--key", settings.key, "PEM file: its private key");
    app.add_option(
           "--make-ca", ca_directory, "use the test CA in this directory (ca.pem), made at the first start")
        ->excludes("--cert")
        ->excludes("--key");
    app.add_option("--threads", settings.threads, "threads (default 1)")->check(CLI::Range(1, 256));
    app.add_option(
        "--api-key", settings.who.api_key, "ask for this key: `Authorization: Bearer KEY` or `api-key: KEY`");
    add_token_options(app, settings.who);
    std::string google_key;
    app.add_option("--google-key",
                   google_key,
                   "PEM file: public key of the service account (default: any signature is good)")
        ->check(CLI::ExistingFile);
    CLI11_PARSE(app, argc, argv);
    settings.who.google_key = read_file(google_key);
    return serve(std::move(settings), ca_directory);
}
