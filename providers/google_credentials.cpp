#include "providers/google_credentials.hpp"

#include "core/base/base64.hpp"
#include "core/base/rsa_key.hpp"
#include "core/base/sha256.hpp"
#include "core/json/reader.hpp"
#include "core/json/writer.hpp"
#include "providers/access_token.hpp"
#include "providers/config_values.hpp"
#include "providers/sentence.hpp"
#include "providers/slices.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <utility>

namespace sluice::providers {

namespace {

constexpr std::string_view public_token_uri = "https://oauth2.googleapis.com/token";
constexpr std::string_view grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
constexpr std::int64_t assertion_life = 3600; // seconds, the longest that Google takes
constexpr wall_ms ms_per_second = 1000;
constexpr std::size_t longest_account = std::size_t{64} * 1024;
constexpr std::size_t longest_name = 1024;

// The account's JSON while it is read: a copy with padding, and texts that had escapes. Wiped in the end.
class account_text {
public:
    explicit account_text(const secret_string& account)
        : size_(account.reveal().size()) {
        copy_.reserve(size_ + json::padding);
        copy_.append(account.reveal());
    }
    account_text(const account_text&) = delete;
    account_text& operator=(const account_text&) = delete;
    ~account_text() {
        wipe(copy_);
        for (std::string& each : texts_)
            wipe(each);
    }

    [[nodiscard]] bool read() {
        return size_ <= longest_account && tree_.read(copy_, author::upstream).has_value();
    }
    // "" when the member is absent or no text.
    [[nodiscard]] std::string_view text(std::string_view name) {
        return tree_.root()[name].text(texts_).value_or("");
    }

private:
    std::size_t size_;
    std::string copy_;
    slices tree_;
    std::deque<std::string> texts_;
};

// Some paste the JSON with its line ends escaped twice.
secret_string with_line_ends(std::string_view pem) {
    std::string out;
    out.reserve(pem.size());
    while (!pem.empty()) {
        const std::size_t at = std::min(pem.find("\\n"), pem.size());
        out.append(pem.substr(0, at));
        pem.remove_prefix(at);
        if (pem.empty()) break;
        out += '\n';
        pem.remove_prefix(2);
    }
    secret_string kept(out);
    wipe(out);
    return kept;
}

// The key itself: a PEM text without its first and its last line, and without line ends, so that each of its
// lines is a part of this.
secret_string inside_of(std::string_view pem) {
    std::string out;
    out.reserve(pem.size());
    while (!pem.empty()) {
        const std::size_t end = std::min(pem.find('\n'), pem.size());
        std::string_view line = pem.substr(0, end);
        pem.remove_prefix(std::min(end + 1, pem.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!line.starts_with("-----")) out.append(line);
    }
    secret_string kept(out);
    wipe(out);
    return kept;
}

bool is_name(std::string_view text) noexcept {
    return text.size() <= longest_name &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

struct service_account {
    std::string email;
    std::string key_id;
    std::string token_uri;
    origin token_service;
    std::string token_path;
};

class google_source final : public credential_source {
public:
    google_source(
        service_account account, rsa_key key, secret_string key_text, std::string_view scope, std::string id)
        : account_(std::move(account))
        , key_(std::move(key))
        , key_text_(std::move(key_text))
        , scope_(scope)
        , id_(std::move(id)) {}

    [[nodiscard]] const std::string& id() const noexcept override { return id_; }
    [[nodiscard]] std::unique_ptr<credential_exchange> begin() const override;
    [[nodiscard]] given_service service() const noexcept override {
        return {"'private_key': 'token_uri'", &account_.token_service};
    }
    [[nodiscard]] std::span<const secret_string> secrets() const noexcept override { return {&key_text_, 1}; }
    [[nodiscard]] result<credential_request> request(wall_ms now, secret_string& used) const;

private:
    service_account account_;
    rsa_key key_;
    secret_string key_text_; // what stands between the lines that begin and end the PEM text
    std::string scope_;
    std::string id_;
};

class google_exchange final : public credential_exchange {
public:
    explicit google_exchange(const google_source& of)
        : of_(of) {}

    [[nodiscard]] result<std::optional<credential_request>> next(wall_ms now) override;
    [[nodiscard]] result<void> read(std::string_view body, wall_ms now) override;
    [[nodiscard]] credential take() override { return std::move(got_); }
    [[nodiscard]] std::vector<secret_string> secrets() const override { return {assertion_}; }

private:
    const google_source& of_;
    secret_string assertion_;
    credential got_;
    bool has_it_ = false;
};

std::unique_ptr<credential_exchange> google_source::begin() const {
    return std::make_unique<google_exchange>(*this);
}

result<credential_request> google_source::request(wall_ms now, secret_string& used) const {
    std::string assertion =
        google_assertion({account_.key_id, account_.email, scope_, account_.token_uri}, now / ms_per_second);
    const std::optional<std::string> signature = key_.sign(assertion);
    if (!signature)
        return fail(errc::invalid_parameter_value, "The service account's private key does not sign.");
    assertion.append(".").append(base64url_encode(*signature));
    const std::array<form_field, 2> fields = {{{"grant_type", grant}, {"assertion", assertion}}};
    auto made = form_request(account_.token_service, account_.token_path, fields);
    used = secret_string(assertion);
    wipe(assertion);
    return made;
}

result<std::optional<credential_request>> google_exchange::next(wall_ms now) {
    if (has_it_) return std::optional<credential_request>();
    auto request = of_.request(now, assertion_);
    if (!request) return fail(std::move(request).error());
    return std::optional<credential_request>(*std::move(request));
}

result<void> google_exchange::read(std::string_view body, wall_ms now) {
    auto got = read_access_token(body, now);
    if (!got) return fail(std::move(got).error());
    got_ = *std::move(got);
    has_it_ = true;
    return {};
}

result<service_account> read_account(account_text& text) {
    const std::string_view type = text.text("type");
    if (!type.empty() && type != "service_account")
        return bad_value("'private_key': the JSON is of another type than service_account.");
    service_account out;
    out.email = text.text("client_email");
    out.key_id = text.text("private_key_id");
    if (out.email.empty() || !is_name(out.email) || !is_name(out.key_id))
        return bad_value("'private_key': the service account's JSON has no usable 'client_email' or "
                         "'private_key_id'.");
    out.token_uri = text.text("token_uri");
    if (out.token_uri.empty()) out.token_uri = public_token_uri;
    auto parsed = parse_whole_url(out.token_uri, out.token_path);
    if (!parsed) return bad_value(sentence({"'private_key': 'token_uri': ", parsed.error().message}));
    out.token_service = *std::move(parsed);
    return out;
}

} // namespace

std::string google_assertion(const google_claims& claims, std::int64_t now) {
    std::string head;
    json::object_writer head_writer(head);
    head_writer.text("alg", "RS256");
    head_writer.text("typ", "JWT");
    if (!claims.key_id.empty()) head_writer.text("kid", claims.key_id);
    head_writer.close();
    std::string body;
    json::object_writer writer(body);
    writer.text("iss", claims.email);
    writer.text("scope", claims.scope);
    writer.text("aud", claims.audience);
    writer.number("iat", now);
    writer.number("exp", now + assertion_life);
    writer.close();
    return sentence({base64url_encode(head), ".", base64url_encode(body)});
}

result<std::shared_ptr<const credential_source>> make_google_source(const secret_string& account,
                                                                    std::string_view scope) {
    account_text text(account);
    if (!text.read())
        return bad_value("'private_key' must be the whole JSON text of a service account's key, not only the "
                         "PEM text in it.");
    auto read = read_account(text);
    if (!read) return fail(std::move(read).error());
    const std::string_view pem = text.text("private_key");
    const secret_string lines = with_line_ends(pem);
    auto key = rsa_key::from_pem(lines);
    if (!key)
        return bad_value("'private_key': the member 'private_key' of the service account's JSON is no RSA "
                         "key in PEM form.");
    std::string all = sentence({account.reveal(), "\n", scope});
    std::string id = "google:" + base64url_encode(as_text(token_digest(all)));
    wipe(all);
    return std::make_shared<const google_source>(
        *std::move(read), *std::move(key), inside_of(lines.reveal()), scope, std::move(id));
}

} // namespace sluice::providers
