#include "providers/entra.hpp"

#include "core/base/sha256.hpp"
#include "providers/access_token.hpp"
#include "providers/request_head.hpp"
#include "providers/sentence.hpp"

#include <array>
#include <string>
#include <utility>

namespace sluice::providers {

namespace {

constexpr std::string_view entra_base = "https://login.microsoftonline.com";
constexpr std::string_view scope = "https://cognitiveservices.azure.com/.default";

class entra_source final : public credential_source {
public:
    entra_source(origin to, std::string path, std::string_view client_id, const secret_string& secret)
        : to_(std::move(to))
        , path_(std::move(path))
        , client_id_(client_id)
        , secret_(secret) {
        std::string all = sentence({to_.text(), "\n", path_, "\n", client_id_, "\n", secret_.reveal()});
        id_ = sentence({"entra:", as_text(token_digest(all))});
        wipe(all);
    }

    [[nodiscard]] const std::string& id() const noexcept override { return id_; }
    [[nodiscard]] std::unique_ptr<credential_exchange> begin() const override;
    [[nodiscard]] std::span<const secret_string> secrets() const noexcept override { return {&secret_, 1}; }
    [[nodiscard]] result<credential_request> request() const;

private:
    origin to_;
    std::string path_;
    std::string client_id_;
    secret_string secret_;
    std::string id_;
};

class entra_exchange final : public credential_exchange {
public:
    explicit entra_exchange(const entra_source& of)
        : of_(of) {}

    [[nodiscard]] result<std::optional<credential_request>> next(wall_ms) override;
    [[nodiscard]] result<void> read(std::string_view body, wall_ms now) override;
    [[nodiscard]] credential take() override { return std::move(got_); }
    [[nodiscard]] std::vector<secret_string> secrets() const override { return {}; }

private:
    const entra_source& of_;
    credential got_;
    bool has_it_ = false;
};

std::unique_ptr<credential_exchange> entra_source::begin() const {
    return std::make_unique<entra_exchange>(*this);
}

result<credential_request> entra_source::request() const {
    const std::array<form_field, 4> fields = {{{"grant_type", "client_credentials"},
                                               {"client_id", client_id_},
                                               {"client_secret", secret_.reveal()},
                                               {"scope", scope}}};
    return form_request(to_, path_, fields);
}

result<std::optional<credential_request>> entra_exchange::next(wall_ms) {
    if (has_it_) return std::optional<credential_request>();
    auto request = of_.request();
    if (!request) return fail(std::move(request).error());
    return std::optional<credential_request>(*std::move(request));
}

result<void> entra_exchange::read(std::string_view body, wall_ms now) {
    auto got = read_access_token(body, now);
    if (!got) return fail(std::move(got).error());
    got_ = *std::move(got);
    has_it_ = true;
    return {};
}

} // namespace

result<std::shared_ptr<const credential_source>> make_entra_source(std::string_view base,
                                                                   std::string_view tenant,
                                                                   std::string_view client_id,
                                                                   const secret_string& secret) {
    std::string path;
    auto to = parse_url(base.empty() ? entra_base : base, path);
    if (!to) return fail(std::move(to).error());
    path += sentence({"/", percent_encode(tenant), "/oauth2/v2.0/token"});
    return std::make_shared<const entra_source>(*std::move(to), std::move(path), client_id, secret);
}

} // namespace sluice::providers
