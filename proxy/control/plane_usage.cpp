// What plane_state tells the usage tables, and the calls that read them.
#include "proxy/control/history_query.hpp"
#include "proxy/control/plane_state.hpp"
#include "proxy/control/usage_output.hpp"
#include "proxy/control/usage_query.hpp"
#include "proxy/model/permission.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::control {

namespace {

bool may_manage(const endpoint_record& record, const model::principal& who) {
    return model::permission_of(record.acl, who) >= model::permission::can_manage;
}

void append_entities(std::vector<model::usage_entity>& out, const endpoint_record& record, wall_ms when) {
    if (!record.active) return;
    for (const entity_spec& entity : record.active->entities) {
        model::usage_entity one;
        one.served_entity_id = entity.id;
        one.created_by = entity.creator;
        one.endpoint_id = record.id;
        one.endpoint_name = record.name;
        one.name = entity.name;
        one.external_model = entity.model;
        one.provider = entity.provider;
        one.task = providers::to_string(entity.task);
        one.config_version = record.active->version;
        one.change_time = when;
        out.push_back(std::move(one));
    }
}

// An error of the tables as the client gets it.
error shown(error e) {
    if (e.code != errc::deadline_exceeded) return e;
    return {
        errc::bad_request,
        "The query took too long: give 'start_time' and 'end_time', or an 'endpoint_id', to make it smaller.",
        0};
}

reply to_reply(const usage_query& query, std::string body, const std::string& token) {
    reply out(std::move(body));
    if (!query.csv) return out;
    out.content_type = "text/csv; charset=utf-8";
    if (!token.empty()) out.headers.emplace_back("x-next-page-token", token);
    return out;
}

template <class Row>
std::string token_behind(const usage_query& query, const model::usage_page<Row>& page, wall_ms time) {
    return page.more ? make_page_token(query, {time, page.rows.back().id}) : std::string();
}

error no_tables() {
    return {errc::not_implemented, "Usage is not kept here.", 0};
}

} // namespace

void plane_state::tell_usage() {
    std::vector<model::usage_entity> entities;
    std::vector<std::string> ids;
    for (const auto& record : registry_.all()) {
        ids.push_back(record->id);
        append_entities(entities, *record, record->updated_ms);
    }
    if (history_) history_->only_these_are_left(ids);
    if (!usage_) return;
    usage_->only_these_are_left(std::move(entities), std::move(ids), time_.wall());
}

void plane_state::tell_usage(const endpoint_record* last, const endpoint_record& next) {
    if (!usage_ || !next.active) return;
    const bool same =
        last && last->id == next.id && last->active && last->active->version == next.active->version;
    if (same) return;
    std::vector<model::usage_entity> entities;
    append_entities(entities, next, time_.wall());
    after_commit([usage = usage_, entities = std::move(entities)] { usage->entities_in_force(entities); });
}

// Admins see all. Who manages the endpoint that the query names sees all of it, by its id: earlier endpoints
// of the same name were others'. Everybody else sees what he asked for himself.
void plane_state::restrict_usage(model::usage_filter& filter, const model::principal& who) const {
    if (who.is_admin) return;
    const endpoint_record* named = nullptr;
    if (!filter.endpoint_name.empty()) {
        named = registry_.find(filter.endpoint_name);
    } else if (!filter.endpoint_id.empty()) {
        named = registry_.find_by_id(filter.endpoint_id);
    }
    const bool is_meant = named && (filter.endpoint_id.empty() || filter.endpoint_id == named->id);
    if (is_meant && may_manage(*named, who)) {
        filter.endpoint_id = named->id;
    } else {
        filter.principal_id = who.id;
    }
}

result<reply> plane_state::list_usage(const call_input& input) const {
    if (!usage_) return fail(no_tables());
    result<usage_query> query = parse_usage_query(input.body, input.request.accept);
    if (!query) return fail(query.error());
    restrict_usage(query->filter, input.who);
    reply out;
    out.later = [tables = usage_,
                 query = *std::move(query),
                 owner = usage_owner{next_.account_id, next_.workspace_id}]() -> result<reply> {
        const auto page = tables->requests(query.filter);
        if (!page) return fail(shown(page.error()));
        const wall_ms last = page->rows.empty() ? 0 : page->rows.back().request_time;
        const std::string token = token_behind(query, *page, last);
        return to_reply(query, query.csv ? usage_csv(owner, *page) : usage_json(owner, *page, token), token);
    };
    return out;
}

result<reply> plane_state::summarize_usage(const call_input& input) const {
    if (!usage_) return fail(no_tables());
    result<model::usage_summary_query> query = parse_summary_query(input.body, time_.wall());
    if (!query) return fail(query.error());
    restrict_usage(query->filter, input.who);
    reply out;
    out.later = [tables = usage_, query = *std::move(query)]() -> result<reply> {
        const auto summary = tables->summary(query);
        if (summary) return reply(summary_json(*summary));
        if (summary.error().code != errc::deadline_exceeded) return fail(summary.error());
        return fail(errc::bad_request, "The query took too long: ask for less time, or for one 'endpoint'.");
    };
    return out;
}

result<reply> plane_state::list_usage_entities(const call_input& input) const {
    if (!usage_) return fail(no_tables());
    result<usage_query> query = parse_usage_query(input.body, input.request.accept);
    if (!query) return fail(query.error());
    // For those who are no admins: the endpoints that they manage. Rows of others are left out of the page.
    std::optional<std::vector<std::string>> visible;
    if (!input.who.is_admin) {
        visible.emplace();
        for (const auto& record : registry_.all()) {
            if (may_manage(*record, input.who)) visible->push_back(record->id);
        }
        std::ranges::sort(*visible);
    }
    reply out;
    out.later = [tables = usage_,
                 query = *std::move(query),
                 visible = std::move(visible),
                 owner = usage_owner{next_.account_id, next_.workspace_id}]() -> result<reply> {
        auto page = tables->entities(query.filter);
        if (!page) return fail(shown(page.error()));
        const std::string token = token_behind(query, *page, 0);
        if (visible) {
            std::erase_if(page->rows, [&](const model::usage_entity& row) {
                return !std::ranges::binary_search(*visible, row.endpoint_id);
            });
        }
        return to_reply(
            query, query.csv ? entities_csv(owner, *page) : entities_json(owner, *page, token), token);
    };
    return out;
}

} // namespace sluice::control
