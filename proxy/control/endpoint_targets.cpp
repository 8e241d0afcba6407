#include "proxy/control/endpoint_targets.hpp"

#include "core/http/message.hpp"
#include "providers/credential.hpp"
#include "providers/provider.hpp"
#include "providers/registry.hpp"
#include "proxy/control/endpoint_input.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace sluice::control {

namespace {

using boost::asio::ip::address;

bool is_localhost(std::string_view host) noexcept {
    constexpr std::string_view name = "localhost";
    constexpr std::string_view suffix = ".localhost";
    return http::iequals(host, name) ||
           (host.size() > suffix.size() && http::iequals(host.substr(host.size() - suffix.size()), suffix));
}

// "127.1" and "0x7f000001" are not addresses to us, but the system's resolver takes them as such.
bool ends_in_number(std::string_view host) noexcept {
    const std::string_view last = host.substr(host.rfind('.') + 1);
    const bool digits =
        !last.empty() && std::ranges::all_of(last, [](char c) { return c >= '0' && c <= '9'; });
    return digits || last.starts_with("0x") || last.starts_with("0X");
}

// The addresses that the host certainly stands for; none for a name that only the resolver knows.
std::vector<address> literal_addresses(std::string_view host) {
    if (is_localhost(host)) {
        return {boost::asio::ip::address_v4::loopback(), boost::asio::ip::address_v6::loopback()};
    }
    boost::system::error_code failed;
    const address literal = boost::asio::ip::make_address(std::string(host), failed);
    return failed ? std::vector<address>{} : std::vector<address>{literal};
}

std::string in_quotes(std::string_view host) {
    return "'" + std::string(host) + "'";
}

result<void> check_addresses(const providers::origin& to,
                             const net::upstream_policy& policy,
                             const std::vector<address>& addresses) {
    const auto is_named = [&policy](const address& each) { return policy.named(each); };
    if (!to.tls && addresses.empty()) {
        return fail(errc::invalid_parameter_value,
                    "Plain http to " + in_quotes(to.host) +
                        " is not allowed as long as the name does not resolve: use https, or try again.");
    }
    if (!to.tls && std::ranges::none_of(addresses, is_named)) {
        return fail(
            errc::invalid_parameter_value,
            "Plain http to " + in_quotes(to.host) +
                " is not allowed: use https, or start the gateway with --upstream-allow for its address.");
    }
    const auto is_allowed = [&policy](const address& each) { return policy.allows(each); };
    if (!addresses.empty() && std::ranges::none_of(addresses, is_allowed)) {
        return fail(errc::invalid_parameter_value,
                    "The upstream address " + in_quotes(to.host) +
                        " is not public: start the gateway with --upstream-allow for it.");
    }
    return {};
}

tl::unexpected<error> of_entity(const entity_spec& entity, const error& why) {
    return fail(why.code, "Served entity '" + entity.name + "': " + why.message);
}

providers::given_service service_of(const providers::target& of) {
    return of.credential ? of.credential->service() : providers::given_service();
}

tl::unexpected<error> of_service(const providers::given_service& service, const error& why) {
    return fail(why.code, std::string(service.field) + ": " + why.message);
}

// Without its final dot.
std::string_view host_of(const providers::origin& to) noexcept {
    std::string_view host = to.host;
    if (host.ends_with('.')) host.remove_suffix(1);
    return host;
}

} // namespace

result<void> check_upstream(const providers::origin& to, const net::upstream_policy& policy) {
    const std::string_view host = host_of(to);
    const std::vector<address> addresses = literal_addresses(host);
    if (!addresses.empty()) return check_addresses(to, policy, addresses);
    if (host.empty() || ends_in_number(host)) {
        return fail(errc::invalid_parameter_value,
                    "The upstream host " + in_quotes(to.host) + " is not valid.");
    }
    return {};
}

result<void> target_maker::check_name(const providers::origin& to) const {
    const std::string host(host_of(to));
    if (!literal_addresses(host).empty()) return {};
    return check_addresses(to, policy_, names_.find(host));
}

result<void> target_maker::check_names(const providers::target& of) const {
    if (const result<void> good = check_name(of.to); !good) return good;
    const providers::given_service service = service_of(of);
    if (!service.at) return {};
    if (const result<void> good = check_name(*service.at); !good) return of_service(service, good.error());
    return {};
}

result<void> target_maker::check(const endpoint_config& config, const model::principal& who) const {
    for (const entity_spec& entity : config.entities) {
        if (result<void> readable = may_read(entity, who); !readable) return readable;
    }
    for (const entity_spec& entity : config.entities) {
        const result<providers::target> made = make(entity);
        if (!made) return of_entity(entity, made.error());
        const result<void> reachable = check_names(*made);
        if (!reachable) return of_entity(entity, reachable.error());
    }
    return {};
}

result<void> target_maker::check_secrets(const endpoint_config& config) const {
    for (const entity_spec& entity : config.entities) {
        const result<providers::target> made = make(entity);
        if (!made) return of_entity(entity, made.error());
    }
    return {};
}

result<void> target_maker::may_read(const entity_spec& entity, const model::principal& who) const {
    for (const block_value& value : entity.block) {
        if (value.kind != value_kind::reference) continue;
        const std::optional<secret_reference> reference = parse_reference(value.text);
        if (!reference) continue;
        const result<bool> readable = secrets_.may_read(who, reference->scope);
        if (!readable) return fail(readable.error());
        if (*readable) continue;
        return fail(errc::invalid_parameter_value,
                    "Served entity '" + entity.name + "': the secret scope '" + reference->scope +
                        "' (key '" + reference->key + "') does not exist or you may not read it.");
    }
    return {};
}

result<void> target_maker::bind(endpoint_record& record) const {
    std::vector<endpoint_config*> configs;
    if (record.active) configs.push_back(&*record.active);
    if (record.pending) configs.push_back(&record.pending->config);
    for (endpoint_config* config : configs) {
        for (entity_spec& entity : config->entities) {
            for (block_value& value : entity.block) {
                if (value.kind != value_kind::reference || value.scope_id != 0) continue;
                const std::optional<secret_reference> reference = parse_reference(value.text);
                if (!reference) continue;
                const result<std::int64_t> id = secrets_.scope_id(reference->scope);
                if (!id) return fail(id.error());
                value.scope_id = *id;
            }
        }
    }
    return {};
}

result<void> target_maker::is_meant(const block_value& value, const secret_reference& reference) const {
    if (value.scope_id == 0) return {};
    const result<std::int64_t> now = secrets_.scope_id(reference.scope);
    if (!now) return fail(now.error());
    if (*now == value.scope_id) return {};
    return fail(errc::invalid_parameter_value,
                "The secret scope '" + reference.scope +
                    "' was deleted after the config was written: write the config again.");
}

result<providers::target> target_maker::make(const entity_spec& entity) const {
    const providers::entry* known = providers::find_provider(entity.provider);
    if (!known || !known->built) {
        return fail(errc::not_implemented, "The provider '" + entity.provider + "' is not implemented.");
    }
    providers::resolved_config config;
    config.bases = &base_urls_;
    for (const block_value& value : entity.block) {
        if (value.kind == value_kind::plain) config.plain.emplace(value.name, value.text);
        if (value.kind == value_kind::plaintext) config.secrets.emplace(value.name, value.secret);
        if (value.kind != value_kind::reference) continue;
        const std::optional<secret_reference> reference = parse_reference(value.text);
        if (!reference)
            return fail(errc::invalid_parameter_value, "'" + value.name + "' is not a secret reference.");
        if (const result<void> meant = is_meant(value, *reference); !meant) return fail(meant.error());
        result<secret_string> secret = secrets_.resolve(reference->scope, reference->key);
        if (!secret && secret.error().code == errc::resource_does_not_exist) {
            return fail(errc::invalid_parameter_value,
                        "The secret '" + reference->key + "' in the scope '" + reference->scope +
                            "' does not exist.");
        }
        if (!secret) return fail(secret.error());
        config.secrets.emplace(value.name, std::move(*secret));
    }
    const auto base = base_urls_.find(entity.provider);
    result<providers::target> made = known->built->resolve(
        entity.model, entity.task, config, base == base_urls_.end() ? std::string_view{} : base->second);
    if (!made) return made;
    if (const result<void> allowed = check_upstream(made->to, policy_); !allowed)
        return fail(allowed.error());
    const providers::given_service service = service_of(*made);
    if (!service.at) return made;
    if (const result<void> allowed = check_upstream(*service.at, policy_); !allowed)
        return of_service(service, allowed.error());
    return made;
}

built_endpoint target_maker::build(const endpoint_record& record, const endpoint_stats& stats) const {
    built_endpoint out;
    auto made = std::make_shared<model::endpoint>();
    made->id = record.id;
    made->name = record.name;
    made->created_ms = record.created_ms;
    made->creator = record.creator;
    made->limits = record.limits;
    made->acl = record.acl;
    made->refused = stats.refused;
    made->usage_tracking = record.gateway.usage_tracking.value_or(false);
    if (const endpoint_config* shown = record.shown_config(); shown && !shown->entities.empty()) {
        made->task = shown->entities.front().task;
    }
    if (record.active) {
        made->config_version = record.active->version;
        for (const entity_spec& entity : record.active->entities) {
            result<providers::target> target = make(entity);
            if (!target) {
                out.store_failed = out.store_failed || target.error().code == errc::internal_error;
                out.broken.emplace(entity.name, target.error().message);
                made->out_of_service.push_back(entity.name);
                continue;
            }
            const auto route = std::ranges::find(record.active->routes, entity.name, &route_spec::entity);
            auto served = std::make_shared<model::served_entity>();
            served->id = entity.id;
            served->name = entity.name;
            served->traffic_percentage = route == record.active->routes.end() ? 0 : route->percentage;
            served->target = std::move(*target);
            served->stats = stats.find(entity.name);
            made->entities.push_back(std::move(served));
        }
    }
    if (!made->entities.empty()) {
        made->state = model::serving::ready;
    } else if (record.update == update_state::in_progress) {
        made->state = model::serving::starting;
    }
    out.value = std::move(made);
    return out;
}

std::string secret_id(std::string_view scope, std::string_view key) {
    std::string out;
    for (const char c : scope)
        out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    out += '/';
    out += key;
    return out;
}

bool refers_to(const endpoint_record& record, const secret_set& any) {
    if (!record.active) return false;
    for (const entity_spec& entity : record.active->entities) {
        for (const block_value& value : entity.block) {
            if (value.kind != value_kind::reference) continue;
            const std::optional<secret_reference> reference = parse_reference(value.text);
            if (reference && any.contains(secret_id(reference->scope, reference->key))) return true;
        }
    }
    return false;
}

} // namespace sluice::control
