// How a config update goes on after it was accepted: its delay, its probes, its end.
#include "core/base/log.hpp"
#include "proxy/control/plane_state.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace sluice::control {

namespace {

// What the update brings that does not serve already: this is what is probed.
std::vector<const entity_spec*> changed_entities(const endpoint_record& record) {
    std::vector<const entity_spec*> out;
    if (record.update != update_state::in_progress || !record.pending) return out;
    for (const entity_spec& entity : record.pending->config.entities) {
        const bool serves = record.active &&
                            std::ranges::any_of(record.active->entities, [&entity](const entity_spec& other) {
                                return other.same_as(entity);
                            });
        if (!serves) out.push_back(&entity);
    }
    return out;
}

std::string joined(const std::vector<std::string>& texts) {
    std::string out;
    for (const std::string& text : texts) {
        if (!out.empty()) out += ',';
        out += text;
    }
    return out;
}

} // namespace

bool plane_state::must_probe(const endpoint_record& record) const {
    return settings_.probe_updates && !changed_entities(record).empty();
}

result<void> plane_state::commit_update(endpoint_record record) {
    const std::string name = record.name;
    const bool at_once = record.update == update_state::in_progress && settings_.update_delay.count() == 0 &&
                         !must_probe(record);
    if (at_once) record = registry::finished(std::move(record), {});
    if (result<void> done = commit(std::move(record)); !done) return done;
    if (at_once) {
        update_ended(*registry_.find(name), "ready");
        return {};
    }
    after_commit([this, name] {
        if (const endpoint_record* now = registry_.find(name)) begin_probes(*now);
    });
    return {};
}

void plane_state::start_probing(model::prober& prober, std::function<void(probe_report)> report) {
    prober_ = &prober;
    report_ = std::move(report);
    for (const auto& record : registry_.all())
        begin_probes(*record);
}

void plane_state::begin_probes(const endpoint_record& record) {
    probes_.forget(record.name);
    const std::vector<const entity_spec*> changed = changed_entities(record);
    if (!prober_ || !settings_.probe_updates || changed.empty()) return;
    const update_probes::round round = probes_.begin(record.name, changed.size());
    for (const entity_spec* entity : changed) {
        result<providers::target> to = targets_.make(*entity);
        if (!to) { // the secret has gone since; the end of the update says so
            report_({round, entity->name, fail(to.error())});
            continue;
        }
        prober_->probe(std::make_shared<const providers::target>(std::move(*to)),
                       [report = report_, round, name = entity->name](const result<void>& outcome) {
                           report({round, name, outcome});
                       });
    }
}

void plane_state::probed(const probe_report& report) {
    // The gateway is ending: the update goes on when it is back.
    if (!report.outcome && report.outcome.error().code == errc::cancelled) return;
    result<void> outcome = report.outcome;
    if (!outcome) {
        outcome =
            fail(outcome.error().code,
                 break_retry_phrases("Served entity '" + report.entity + "': " + outcome.error().message));
    }
    if (!probes_.add(report.round, outcome)) return;
    registry_.resume(*report.round);
    finish_due();
}

void plane_state::finish_due() {
    for (const std::string& name : registry_.due()) {
        const endpoint_record* record = registry_.find(name);
        if (!record) continue;
        const std::optional<result<void>> verdict = probes_.verdict(name);
        if (!verdict && must_probe(*record)) {
            registry_.suspend(name);
            continue;
        }
        // Secrets may have gone since the update was accepted.
        result<void> outcome =
            record->pending ? targets_.check_secrets(record->pending->config) : result<void>{};
        if (!outcome && outcome.error().code == errc::internal_error) { // the store, not the update
            registry_.postpone(name);
            continue;
        }
        if (outcome && verdict) outcome = *verdict;
        if (const result<void> written = commit(registry::finished(*record, outcome)); !written) {
            log::error("config_update_not_stored", {{"endpoint", name}, {"cause", written.error().message}});
            registry_.postpone(name);
            continue;
        }
        probes_.forget(name);
        update_ended(*registry_.find(name), outcome ? "ready" : "failed");
    }
}

// The delivery of email_notifications: whoever runs the gateway sends the mail from this line.
void plane_state::update_ended(const endpoint_record& record, std::string_view outcome) {
    std::string addresses;
    if (record.notifications && outcome == "ready")
        addresses = joined(record.notifications->on_update_success);
    if (record.notifications && outcome == "failed")
        addresses = joined(record.notifications->on_update_failure);
    const std::optional<pending_config>& pending = record.pending;
    const endpoint_config* config = pending ? &pending->config : record.shown_config();
    after_commit([endpoint = record.name,
                  outcome = std::string(outcome),
                  version = config ? config->version : 0,
                  cause = outcome == "failed" && pending ? pending->message : std::string(),
                  addresses = std::move(addresses)] {
        log::write(outcome == "failed" ? log::level::warn : log::level::info,
                   "config_update_finished",
                   {{"endpoint", endpoint},
                    {"outcome", outcome},
                    {"config_version", version},
                    {"cause", cause},
                    {"notify", addresses}});
    });
}

} // namespace sluice::control
