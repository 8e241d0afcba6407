// The provider `amazon-bedrock` (providers.md §6).
#include "providers/bedrock.hpp"

#include "providers/aws_credentials.hpp"
#include "providers/cohere.hpp"
#include "providers/config_values.hpp"
#include "providers/credential.hpp"
#include "providers/registry.hpp"
#include "providers/request_head.hpp"
#include "providers/sentence.hpp"
#include "providers/sigv4.hpp"
#include "providers/upstream_body.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::providers {

namespace bedrock {

namespace {

class target_settings final : public target_part {
public:
    explicit target_settings(settings with)
        : set(std::move(with)) {}
    settings set;
};

std::string path_of(const target& to, const settings& with, std::string_view operation) {
    return sentence({with.base_path, "/model/", percent_encode(to.model), "/", operation});
}

// The fields that are signed, but for Host.
std::array<head_field, 2> fields_of(route by, bool streams) noexcept {
    constexpr std::string_view json = "application/json";
    const bool converses = by == route::converse;
    const std::string_view accept = streams && !converses ? "X-Amzn-Bedrock-Accept" : "Accept";
    const std::string_view accepted = streams && converses ? "application/vnd.amazon.eventstream" : json;
    return {{{"Content-Type", json}, {accept, accepted}}};
}

} // namespace

const settings& settings_of(const target& to) {
    return static_cast<const target_settings&>(*to.own).set;
}

result<void> put_settings(target& to, settings with) {
    const std::string_view streamed = stream_operation_of(with.by, to.model);
    auto head = make_head(to.to, path_of(to, with, operation_of(with.by)), fields_of(with.by, false));
    if (!head) return fail(std::move(head).error());
    to.head = *std::move(head);
    to.stream_head = secret_string();
    if (!streamed.empty()) {
        auto stream_head = make_head(to.to, path_of(to, with, streamed), fields_of(with.by, true));
        if (!stream_head) return fail(std::move(stream_head).error());
        to.stream_head = *std::move(stream_head);
    }
    to.own = std::make_shared<const target_settings>(std::move(with));
    return {};
}

} // namespace bedrock

namespace {

using bedrock::route;
using bedrock::settings;

constexpr std::string_view region_field = "aws_region";
constexpr std::string_view family_field = "bedrock_provider";
constexpr std::string_view key_id_field = "aws_access_key_id";
constexpr std::string_view secret_field = "aws_secret_access_key";
constexpr std::string_view role_field = "instance_profile_arn";

constexpr std::array<config_field, 6> bedrock_fields = {{
    {.name = region_field, .required = true},
    {.name = family_field, .required = true, .choices = bedrock::family_names},
    {.name = key_id_field, .secret = true},
    {.name = secret_field, .secret = true},
    {.name = role_field},
    {.name = "uc_service_credential_name",
     .never = "names a service credential of Unity Catalog, which does not exist outside of Databricks: give "
              "'aws_access_key_id' and 'aws_secret_access_key', or 'instance_profile_arn'."},
}};
constexpr std::array<std::string_view, 2> key_fields = {key_id_field, secret_field};
constexpr std::array<std::string_view, 1> role_fields = {role_field};
constexpr std::array<field_option, 2> bedrock_credentials = {{{"keys", key_fields}, {"role", role_fields}}};
constexpr std::array<field_options, 1> bedrock_options = {{{"authentication", bedrock_credentials}}};

class bedrock_api final : public provider {
public:
    [[nodiscard]] std::string_view name() const noexcept override { return bedrock::provider_name; }
    [[nodiscard]] std::string_view config_block() const noexcept override { return "amazon_bedrock_config"; }
    [[nodiscard]] std::span<const config_field> fields() const noexcept override { return bedrock_fields; }
    [[nodiscard]] bool does(task) const noexcept override { return true; }
    [[nodiscard]] std::span<const field_options> one_of() const noexcept override { return bedrock_options; }
    [[nodiscard]] result<target> resolve(std::string_view model,
                                         task kind,
                                         const resolved_config& config,
                                         std::string_view default_base) const override;
    [[nodiscard]] result<void>
    encode(const unified::call& call, const target& to, upstream_request& out) const override;
    [[nodiscard]] result<void> authorize(const target& to,
                                         bool streams,
                                         const credential* with,
                                         wall_ms now,
                                         upstream_request& out) const override;
    [[nodiscard]] bool is_stream_type(const target& to,
                                      std::string_view content_type) const noexcept override;
    using provider::make_decoder;
    [[nodiscard]] std::unique_ptr<decoder>
    make_decoder(const unified::call& call, const target& to, const answer_context& context) const override {
        return bedrock::make_decoder(call, to, context);
    }
    using provider::read_answer;
    [[nodiscard]] result<answer> read_answer(const unified::call& call,
                                             const target& to,
                                             const answer_context& context,
                                             std::string_view body) const override {
        return bedrock::settings_of(to).by == route::converse
                   ? bedrock::read_converse_answer(call, to, context, body)
                   : bedrock::read_invoke_answer(call, to, context, body);
    }
    [[nodiscard]] bool refuses_credential(int status,
                                          const http::field_list& fields) const noexcept override {
        return status >= 400 && bedrock::is_credential_refusal(fields);
    }
    [[nodiscard]] int
    meant_status(int status, const http::field_list& fields, std::string_view body) const override {
        return bedrock::status_of_answer(status, fields, body);
    }

private:
    [[nodiscard]] result<void> check_values(const resolved_config& config) const override;
};

// "us-east-1", "us-gov-west-1": part of host names and of what is signed.
bool is_region(std::string_view text) noexcept {
    constexpr std::size_t longest = 32;
    const bool good = std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
    return good && !text.empty() && text.size() <= longest && text.front() != '-' && text.back() != '-' &&
           text.find('-') != std::string_view::npos;
}

result<void> bedrock_api::check_values(const resolved_config& config) const {
    if (!is_region(plain_value(config, region_field)))
        return bad_value(sentence({"'", region_field, "' must be a region of AWS, such as us-east-1."}));
    const std::string_view role = plain_value(config, role_field);
    if (role.empty() || aws::is_role_arn(role)) return {};
    return bad_value(sentence(
        {"'", role_field, "' must be the ARN of a role, such as arn:aws:iam::123456789012:role/name."}));
}

result<void> put_keys(target& to, const resolved_config& config, settings& with) {
    const std::string_view role = plain_value(config, role_field);
    if (!role.empty()) {
        auto source = aws::make_role_source(role, with.region, aws::environment_of_process());
        if (!source) return fail(std::move(source).error());
        put_source(to, *std::move(source));
        return {};
    }
    auto id = needed_key(config, key_id_field);
    if (!id) return fail(std::move(id).error());
    auto secret = needed_key(config, secret_field);
    if (!secret) return fail(std::move(secret).error());
    with.key_id = *std::move(id);
    with.secret = *std::move(secret);
    to.keys.push_back(with.secret);
    to.keys.push_back(with.key_id);
    return {};
}

result<target> bedrock_api::resolve(std::string_view model,
                                    task kind,
                                    const resolved_config& config,
                                    std::string_view default_base) const {
    if (auto good = check(config); !good) return fail(std::move(good).error());
    settings with;
    with.of = bedrock::parse_family(plain_value(config, family_field)).value_or(bedrock::family::anthropic);
    auto by = bedrock::route_of(with.of, kind, model);
    if (!by) return fail(std::move(by).error());
    with.by = *by;
    with.region = plain_value(config, region_field);

    target to = begin_target(model, kind);
    const std::string own_base = sentence({"https://bedrock-runtime.", with.region, ".amazonaws.com"});
    auto parsed = parse_url(default_base.empty() ? own_base : default_base, with.base_path);
    if (!parsed) return fail(std::move(parsed).error());
    if (with.base_path.find('?') != std::string::npos)
        return bad_value("The URL is not usable: it must not have a query.");
    to.to = *std::move(parsed);
    if (auto put = put_keys(to, config, with); !put) return fail(std::move(put).error());
    to.reads_answer_fields = with.by != route::converse;
    if (with.by == route::cohere_embed) {
        to.most_items = cohere::most_texts;
    } else if (kind != task::chat) {
        to.most_items = 1;
    }
    if (auto put = bedrock::put_settings(to, std::move(with)); !put) return fail(std::move(put).error());
    return to;
}

result<void> bedrock_api::encode(const unified::call& call, const target& to, upstream_request& out) const {
    out.clear();
    const settings& with = bedrock::settings_of(to);
    neutral::request in;
    auto good = neutral::read(call, bedrock::dialect_of(with.by), in);
    if (good) good = bedrock::check_items(in, with.by);
    if (!good) return good;
    good = with.by == route::converse ? bedrock::write_converse(in, with, to.model, out.storage)
                                      : bedrock::write_invoke(in, with.by, to.model, out.storage);
    if (!good) return good;
    out.dropped = in.dropped.size();
    finish_request(call, out);
    return {};
}

result<void> bedrock_api::authorize(
    const target& to, bool streams, const credential* with, wall_ms now, upstream_request& out) const {
    const settings& set = bedrock::settings_of(to);
    const std::string_view streamed = bedrock::stream_operation_of(set.by, to.model);
    const bool has_own_head = streams && !streamed.empty();
    const std::string path =
        bedrock::path_of(to, set, has_own_head ? streamed : bedrock::operation_of(set.by));
    const std::string host = host_field(to.to);
    const auto own = bedrock::fields_of(set.by, has_own_head);
    const std::array<head_field, 3> fields = {{{"Host", host}, own[0], own[1]}};
    sigv4::keys keys{set.key_id.reveal(), set.secret.reveal(), {}};
    if (with != nullptr) keys = {with->key_id, with->token.reveal(), with->session.reveal()};
    const sigv4::message message{"POST", path, fields, {out.body.data(), out.body.size()}};
    if (sigv4::append_proof(out.credential_lines, message, keys, {set.region, "bedrock"}, now)) return {};
    return fail(errc::invalid_parameter_value,
                "The credential of AWS has characters that a header must not have.");
}

bool bedrock_api::is_stream_type(const target&, std::string_view content_type) const noexcept {
    constexpr std::string_view wanted = "application/vnd.amazon.eventstream";
    return http::iequals(content_type.substr(0, wanted.size()), wanted);
}

} // namespace

const provider& bedrock_provider() noexcept {
    static const bedrock_api instance;
    return instance;
}

} // namespace sluice::providers
