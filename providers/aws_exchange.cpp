#include "providers/aws_exchange.hpp"

#include "core/http/framing.hpp"
#include "providers/aws_credentials.hpp"
#include "providers/request_head.hpp"
#include "providers/sentence.hpp"
#include "providers/sigv4.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::providers::aws {

namespace {

constexpr std::string_view form = "application/x-www-form-urlencoded; charset=utf-8";
constexpr std::string_view role_path = "/latest/meta-data/iam/security-credentials/";

// "GET path HTTP/1.1" and the fields.
std::string head_of(std::string_view method,
                    const origin& to,
                    std::string_view path,
                    std::span<const head_field> fields,
                    bool& good) {
    std::size_t size = path.size() + to.host.size() + 256;
    for (const head_field& each : fields)
        size += each.name.size() + each.value.size() + 4;
    std::string head;
    head.reserve(size); // no reallocation leaves a copy of a token behind
    head.append(method).append(" ").append(path).append(" HTTP/1.1\r\n");
    good = http::append_field(head, "Host", host_field(to));
    for (const head_field& each : fields)
        good = http::append_field(head, each.name, each.value) && good;
    good = http::append_field(head, "Accept-Encoding", "identity") && good;
    good = http::append_field(head, "User-Agent", "sluice/" SLUICE_VERSION) && good;
    return head;
}

// A role's name as the instance tells it, which becomes part of a path.
bool is_role_name(std::string_view text) noexcept {
    constexpr std::size_t longest = 64;
    constexpr std::string_view others = "_+=,.@-";
    return !text.empty() && text.size() <= longest && std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               others.find(c) != std::string_view::npos;
    });
}

std::string_view trimmed(std::string_view text) noexcept {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

tl::unexpected<error> bad_keys() {
    return fail(errc::invalid_parameter_value,
                "The keys of AWS have characters that a header must not have.");
}

class role_exchange final : public credential_exchange {
public:
    explicit role_exchange(const role_settings& of)
        : of_(of)
        , at_(first_step(of.from))
        , keys_(of.given) {}

    [[nodiscard]] result<std::optional<credential_request>> next(wall_ms now) override;
    [[nodiscard]] result<void> read(std::string_view body, wall_ms now) override;
    [[nodiscard]] credential take() override { return std::move(keys_); }
    [[nodiscard]] std::vector<secret_string> secrets() const override { return used_; }

private:
    enum class step : std::uint8_t { token, role, keys, web_identity, container, assume, done };

    static step first_step(base from) noexcept {
        switch (from) {
        case base::process: return step::assume;
        case base::web_identity: return step::web_identity;
        case base::container: return step::container;
        case base::instance: break;
        }
        return step::token;
    }

    // The file that the settings name: what is replaced there counts from the next exchange on.
    [[nodiscard]] result<secret_string> read_token();
    [[nodiscard]] result<std::optional<credential_request>>
    metadata(std::string_view method, std::string_view path, std::span<const head_field> fields) const;
    // `lines`: the fields that prove it.
    [[nodiscard]] result<std::optional<credential_request>> ask_sts(std::string_view body,
                                                                    std::string_view lines) const;
    [[nodiscard]] result<std::optional<credential_request>> ask_container();
    [[nodiscard]] result<std::optional<credential_request>> show_web_identity();
    [[nodiscard]] result<std::optional<credential_request>> assume(wall_ms now) const;

    const role_settings& of_;
    step at_;
    secret_string token_; // of the instance's metadata service
    std::string role_;    // of the instance
    credential keys_;     // first those to begin with, then those of the role
    std::vector<secret_string> used_;
};

result<std::optional<credential_request>> role_exchange::metadata(std::string_view method,
                                                                  std::string_view path,
                                                                  std::span<const head_field> fields) const {
    bool good = false;
    std::string head = head_of(method, of_.metadata, path, fields, good);
    credential_request out;
    out.to = of_.metadata;
    out.head = secret_string(head);
    out.is_metadata = true;
    out.is_own = true;
    wipe(head);
    if (!good) {
        return fail(errc::invalid_parameter_value,
                    "The token for the metadata service has characters that a header must not have.");
    }
    return out;
}

result<secret_string> role_exchange::read_token() {
    std::optional<std::string> text = of_.read_file(of_.token_file);
    secret_string token(trimmed(text ? std::string_view(*text) : std::string_view()));
    if (text) wipe(*text);
    if (token.empty())
        return fail(errc::unauthenticated, "The gateway's own token for AWS cannot be read from its file.");
    used_.push_back(token);
    return token;
}

result<std::optional<credential_request>> role_exchange::ask_container() {
    secret_string value = of_.authorization;
    if (!of_.token_file.empty()) {
        auto token = read_token();
        if (!token) return fail(std::move(token).error());
        value = *std::move(token);
    }
    const head_field authorization{"Authorization", value.reveal()};
    return metadata("GET", of_.metadata_path, {&authorization, value.empty() ? std::size_t{0} : 1});
}

result<std::optional<credential_request>> role_exchange::show_web_identity() {
    const auto token = read_token();
    if (!token) return fail(token.error());
    std::string encoded = percent_encode(token->reveal());
    std::string body = sentence({"Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=",
                                 percent_encode(of_.own_role),
                                 "&RoleSessionName=",
                                 percent_encode(of_.session_name),
                                 "&WebIdentityToken=",
                                 encoded});
    auto made = ask_sts(body, {});
    wipe(encoded);
    wipe(body);
    return made;
}

result<std::optional<credential_request>> role_exchange::ask_sts(std::string_view body,
                                                                 std::string_view lines) const {
    const std::string size = std::to_string(body.size());
    const std::array<head_field, 2> own = {{{"Content-Type", form}, {"Content-Length", size}}};
    bool good = false;
    std::string head = head_of("POST", of_.sts, of_.sts_path, own, good);
    std::string all = sentence({head, lines});
    credential_request out;
    out.to = of_.sts;
    out.head = secret_string(all);
    out.body = secret_string(body);
    out.is_own = true;
    wipe(all);
    if (!good) return bad_keys();
    return out;
}

result<std::optional<credential_request>> role_exchange::assume(wall_ms now) const {
    const std::string body = sentence({"Action=AssumeRole&Version=2011-06-15&RoleArn=",
                                       percent_encode(of_.arn),
                                       "&RoleSessionName=gateway-bedrock&DurationSeconds=",
                                       std::to_string(of_.duration_seconds)});
    const std::string host = host_field(of_.sts);
    const std::array<head_field, 2> fields = {{{"Host", host}, {"Content-Type", form}}};
    const std::string_view whole = body;
    std::string lines;
    const bool good = sigv4::append_proof(lines,
                                          {"POST", of_.sts_path, fields, {&whole, 1}},
                                          {keys_.key_id, keys_.token.reveal(), keys_.session.reveal()},
                                          {of_.region, "sts"},
                                          now);
    auto made = ask_sts(body, lines);
    wipe(lines);
    if (!good) return bad_keys();
    return made;
}

result<std::optional<credential_request>> role_exchange::next(wall_ms now) {
    const head_field token{"X-aws-ec2-metadata-token", token_.reveal()};
    switch (at_) {
    case step::token: {
        constexpr std::array<head_field, 2> fields = {
            {{"X-aws-ec2-metadata-token-ttl-seconds", "21600"}, {"Content-Length", "0"}}};
        return metadata("PUT", sentence({of_.metadata_path, "/latest/api/token"}), fields);
    }
    case step::role: return metadata("GET", sentence({of_.metadata_path, role_path}), {&token, 1});
    case step::keys: return metadata("GET", sentence({of_.metadata_path, role_path, role_}), {&token, 1});
    case step::web_identity: return show_web_identity();
    case step::container: return ask_container();
    case step::assume: return assume(now);
    case step::done: break;
    }
    return std::optional<credential_request>();
}

result<void> role_exchange::read(std::string_view body, wall_ms) {
    switch (at_) {
    case step::token:
        token_ = secret_string(trimmed(body));
        if (!is_visible(token_.reveal()))
            return fail(errc::bad_upstream, "The metadata service of AWS gave no token.");
        used_.push_back(token_);
        at_ = step::role;
        return {};
    case step::role:
        role_ = trimmed(body.substr(0, body.find('\n')));
        if (!is_role_name(role_)) return fail(errc::bad_upstream, "The instance of AWS has no role.");
        at_ = step::keys;
        return {};
    case step::keys:
    case step::container: {
        auto keys = read_base_keys(body);
        if (!keys) return fail(std::move(keys).error());
        keys_ = *std::move(keys);
        append_secrets(used_, keys_);
        at_ = step::assume;
        return {};
    }
    case step::web_identity: {
        auto keys = read_assumed_role(body, "AssumeRoleWithWebIdentity");
        if (!keys) return fail(std::move(keys).error());
        keys_ = *std::move(keys);
        append_secrets(used_, keys_);
        at_ = step::assume;
        return {};
    }
    case step::assume: {
        auto keys = read_assumed_role(body);
        if (!keys) return fail(std::move(keys).error());
        keys_ = *std::move(keys);
        at_ = step::done;
        return {};
    }
    case step::done: break;
    }
    return {};
}

} // namespace

std::unique_ptr<credential_exchange> make_role_exchange(const role_settings& of) {
    return std::make_unique<role_exchange>(of);
}

} // namespace sluice::providers::aws
