#include "providers/aws_credentials.hpp"

#include "core/base/sha256.hpp"
#include "providers/aws_exchange.hpp"
#include "providers/request_head.hpp"
#include "providers/sentence.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ios>
#include <system_error>
#include <utility>

namespace sluice::providers::aws {

namespace {

constexpr std::string_view metadata_base = "http://169.254.169.254";
constexpr std::string_view container_base = "http://169.254.170.2";

struct url {
    origin to;
    std::string path;
};

result<url> url_of(std::string_view text) {
    url out;
    auto parsed = parse_whole_url(text, out.path);
    if (!parsed) return fail(std::move(parsed).error());
    out.to = *std::move(parsed);
    return out;
}

// A container's token goes unencrypted only to the machine itself and to the addresses of ECS and EKS.
bool is_own_host(std::string_view host) noexcept {
    constexpr std::array<std::string_view, 6> own = {
        "localhost", "127.0.0.1", "::1", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"};
    return std::find(own.begin(), own.end(), host) != own.end();
}

tl::unexpected<error> bad_variable(std::string_view name) {
    return fail(errc::invalid_parameter_value,
                sentence({"The environment variable ", name, " is not usable."}));
}

class role_source final : public credential_source {
public:
    explicit role_source(role_settings of)
        : of_(std::move(of)) {
        std::string all = sentence({"aws-role\n",
                                    of_.arn,
                                    "\n",
                                    of_.region,
                                    "\n",
                                    std::to_string(of_.duration_seconds),
                                    "\n",
                                    of_.sts.text(),
                                    of_.sts_path,
                                    "\n",
                                    of_.metadata.text(),
                                    of_.metadata_path,
                                    "\n",
                                    of_.token_file,
                                    "\n",
                                    of_.own_role,
                                    "\n",
                                    of_.session_name,
                                    "\n",
                                    of_.authorization.reveal(),
                                    "\n",
                                    of_.given.key_id,
                                    "\n",
                                    of_.given.token.reveal(),
                                    "\n",
                                    of_.given.session.reveal()});
        const sha256_digest digest = token_digest(all);
        wipe(all);
        id_ = as_text(digest);
        if (of_.from == base::process) append_secrets(secrets_, of_.given);
        secrets_.push_back(of_.authorization);
    }

    [[nodiscard]] const std::string& id() const noexcept override { return id_; }
    [[nodiscard]] std::unique_ptr<credential_exchange> begin() const override {
        return make_role_exchange(of_);
    }
    [[nodiscard]] std::span<const secret_string> secrets() const noexcept override { return secrets_; }

private:
    role_settings of_;
    std::string id_;
    std::vector<secret_string> secrets_;
};

result<void> read_container(const environment& variables, role_settings& out) {
    constexpr const char* full_name = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
    constexpr const char* relative_name = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
    const std::string relative = variables(relative_name);
    const bool is_full = relative.empty();
    const std::string text = is_full ? variables(full_name) : sentence({container_base, relative});
    auto parsed = url_of(text);
    const bool good = parsed && (parsed->to.tls || is_own_host(parsed->to.host));
    if (!good) return bad_variable(is_full ? full_name : relative_name);
    out.from = base::container;
    out.metadata = std::move(parsed->to);
    out.metadata_path = std::move(parsed->path);
    out.token_file = variables("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    if (!out.token_file.empty()) return {};
    std::string token = variables("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    out.authorization = secret_string(token);
    wipe(token);
    return {};
}

result<void> read_web_identity(const environment& variables, role_settings& out) {
    constexpr const char* name = "AWS_ROLE_ARN";
    out.from = base::web_identity;
    out.own_role = variables(name);
    if (!is_role_arn(out.own_role)) return bad_variable(name);
    out.session_name = variables("AWS_ROLE_SESSION_NAME");
    if (out.session_name.empty()) out.session_name = "gateway";
    return {};
}

result<void> read_base(const environment& variables, role_settings& out) {
    out.given.key_id = variables("AWS_ACCESS_KEY_ID");
    std::string secret = variables("AWS_SECRET_ACCESS_KEY");
    std::string session = variables("AWS_SESSION_TOKEN");
    const bool has_keys = !out.given.key_id.empty() && !secret.empty();
    if (has_keys) {
        out.from = base::process;
        out.given.token = secret_string(secret);
        out.given.session = secret_string(session);
    } else {
        out.given.key_id.clear();
    }
    wipe(secret);
    wipe(session);
    if (has_keys) return {};
    out.token_file = variables("AWS_WEB_IDENTITY_TOKEN_FILE");
    if (!out.token_file.empty()) return read_web_identity(variables, out);
    if (!variables("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI").empty() ||
        !variables("AWS_CONTAINER_CREDENTIALS_FULL_URI").empty())
        return read_container(variables, out);
    constexpr const char* name = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
    const std::string given = variables(name);
    auto parsed = parse_url(given.empty() ? metadata_base : given, out.metadata_path);
    if (!parsed) return bad_variable(name);
    out.metadata = *std::move(parsed);
    return {};
}

} // namespace

bool is_role_arn(std::string_view text) noexcept {
    constexpr std::array<std::string_view, 3> partitions = {
        "arn:aws:iam::", "arn:aws-cn:iam::", "arn:aws-us-gov:iam::"};
    constexpr std::size_t account_digits = 12;
    constexpr std::size_t longest = 512;
    const auto* const partition =
        std::find_if(partitions.begin(), partitions.end(), [text](std::string_view each) {
            return text.starts_with(each);
        });
    if (partition == partitions.end() || text.size() > longest) return false;
    text.remove_prefix(partition->size());
    const std::string_view account = text.substr(0, account_digits);
    const bool is_account = account.find_first_not_of("0123456789") == std::string_view::npos;
    text.remove_prefix(account.size());
    constexpr std::string_view role = ":role/";
    if (account.size() != account_digits || !is_account || !text.starts_with(role)) return false;
    const std::string_view name = text.substr(role.size()); // with a path in front, maybe
    return is_visible(name) && name.back() != '/';
}

environment environment_of_process() {
    return [](const char* name) {
        const char* const found = std::getenv(name); // NOLINT(concurrency-mt-unsafe): nobody changes it
        return std::string(found == nullptr ? "" : found);
    };
}

file_reader files_of_process() {
    return [](const std::string& path) -> std::optional<std::string> {
        constexpr std::size_t longest = std::size_t{64} * 1024;
        // A pipe would keep the thread waiting, and all its connections with it.
        std::error_code failed;
        if (!std::filesystem::is_regular_file(path, failed)) return std::nullopt;
        std::ifstream in(path, std::ios::binary);
        std::string text(longest, '\0');
        in.read(text.data(), static_cast<std::streamsize>(longest));
        text.resize(static_cast<std::size_t>(in.gcount()));
        if (text.empty() || !in.eof()) return std::nullopt;
        return text;
    };
}

result<std::shared_ptr<const credential_source>> make_role_source(std::string_view role_arn,
                                                                  std::string_view region,
                                                                  const environment& variables,
                                                                  int duration_seconds,
                                                                  file_reader files) {
    role_settings out;
    out.read_file = std::move(files);
    out.arn = role_arn;
    out.region = region;
    out.duration_seconds = duration_seconds;
    if (auto good = read_base(variables, out); !good) return fail(std::move(good).error());
    constexpr const char* name = "AWS_ENDPOINT_URL_STS";
    const std::string given = variables(name);
    const std::string_view suffix = region.starts_with("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com";
    auto parsed = url_of(given.empty() ? sentence({"https://sts.", region, suffix}) : given);
    if (!parsed || parsed->path.find('?') != std::string::npos) return bad_variable(name);
    out.sts = std::move(parsed->to);
    out.sts_path = std::move(parsed->path);
    return std::make_shared<const role_source>(std::move(out));
}

} // namespace sluice::providers::aws
