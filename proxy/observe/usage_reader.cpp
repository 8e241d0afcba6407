#include "proxy/observe/usage_reader.hpp"

#include <chrono>
#include <utility>

namespace sluice::observe {

namespace {

constexpr std::chrono::milliseconds usage_query_time{3000};
constexpr std::size_t most_bytes = std::size_t{16} * 1024 * 1024; // of a page

// A SELECT that grows by conditions; what users give is bound, never part of the text.
class selection {
public:
    explicit selection(std::string_view head)
        : sql_(head) {}

    void where(std::string_view condition, db::parameter value) {
        sql_.append(values_.empty() ? " WHERE " : " AND ").append(condition);
        values_.push_back(value);
    }
    void where_equal(std::string_view column, std::string_view text) {
        if (!text.empty()) where(std::string(column) + " = ?", text);
    }
    // One more parameter of the last condition.
    void also(db::parameter value) { values_.push_back(value); }
    void order_by(std::string_view columns, std::size_t most) {
        sql_.append(" ORDER BY ").append(columns).append(" LIMIT ?");
        values_.emplace_back(static_cast<std::int64_t>(most));
    }

    // The rest of the text, which closes with a LIMIT.
    void close(std::string_view rest, std::size_t most) {
        sql_.append(rest);
        values_.emplace_back(static_cast<std::int64_t>(most));
    }

    [[nodiscard]] result<db::statement> run(db::database& on) const { return on.query_list(sql_, values_); }

private:
    std::string sql_;
    std::vector<db::parameter> values_; // borrow from the filter
};

model::usage_record read_request(const db::statement& row) {
    model::usage_record out;
    int at = 0;
    out.id = row.integer(at++);
    out.request_time = row.integer(at++);
    out.request_id = row.text(at++);
    out.client_request_id = row.text(at++);
    out.requester = row.text(at++);
    out.principal_id = row.text(at++);
    out.endpoint_id = row.text(at++);
    out.endpoint_name = row.text(at++);
    out.served_entity_id = row.text(at++);
    out.usage_context = row.text(at++);
    out.status_code = static_cast<int>(row.integer(at++));
    out.streaming = row.integer(at++) != 0;
    out.latency_ms = row.integer(at++);
    out.first_byte_ms = row.integer_or_null(at++);
    out.input_tokens = row.integer_or_null(at++);
    out.output_tokens = row.integer_or_null(at++);
    out.cached_tokens = row.integer_or_null(at++);
    out.reasoning_tokens = row.integer_or_null(at++);
    out.input_characters = row.integer_or_null(at++);
    return out;
}

constexpr std::string_view select_requests =
    "SELECT id, request_time, databricks_request_id, client_request_id, requester, principal_id, "
    "endpoint_id, "
    "endpoint_name, served_entity_id, usage_context, status_code, request_streaming, latency_ms, "
    "time_to_first_byte_ms, input_token_count, output_token_count, cached_input_token_count, "
    "reasoning_output_token_count, input_character_count FROM endpoint_usage";

model::usage_entity read_entity(const db::statement& row) {
    model::usage_entity out;
    int at = 0;
    out.id = row.integer(at++);
    out.served_entity_id = row.text(at++);
    out.config_version = static_cast<int>(row.integer(at++));
    out.created_by = row.text(at++);
    out.endpoint_id = row.text(at++);
    out.endpoint_name = row.text(at++);
    out.name = row.text(at++);
    out.external_model = row.text(at++);
    out.provider = row.text(at++);
    out.task = row.text(at++);
    out.change_time = row.integer(at++);
    out.endpoint_delete_time = row.integer_or_null(at++);
    return out;
}

constexpr std::string_view select_entities =
    "SELECT id, served_entity_id, endpoint_config_version, created_by, endpoint_id, endpoint_name, "
    "served_entity_name, entity_name, provider, task, change_time, endpoint_delete_time FROM served_entities";

// A count that a provider made up must not break the sum.
constexpr std::string_view summed =
    "count(*) AS requests, sum(status_code >= 400) AS errors, "
    "sum(min(coalesce(input_token_count, 0), 1000000000)) AS input, "
    "sum(min(coalesce(output_token_count, 0), 1000000000)) AS output FROM endpoint_usage";

std::string head_of(model::usage_group group) {
    if (group == model::usage_group::requester) return "SELECT requester AS key, " + std::string(summed);
    // Entities of one name in several configs are one row.
    return "SELECT coalesce((SELECT served_entity_name FROM served_entities AS s "
           "WHERE s.served_entity_id = u.id LIMIT 1), u.id, '(none)') AS key, sum(requests) AS requests, "
           "sum(errors), sum(input), sum(output) FROM (SELECT served_entity_id AS id, " +
           std::string(summed);
}

constexpr std::string_view group_by_requester = " GROUP BY key ORDER BY requests DESC, key LIMIT ?";
constexpr std::string_view group_by_entity =
    " GROUP BY served_entity_id) AS u GROUP BY key ORDER BY 2 DESC, key LIMIT ?";

// A page ends before it is too large to be answered, whatever the rows hold.
std::size_t size_of(const model::usage_record& row) {
    constexpr std::size_t all_else = 700;
    return row.usage_context.size() + row.client_request_id.size() + all_else;
}
std::size_t size_of(const model::usage_entity&) {
    return 700;
}

// The query asks for one row more than is wanted, which says whether there are more.
template <class Row>
result<model::usage_page<Row>>
page_of(result<db::statement> query, Row (*read)(const db::statement&), std::size_t most) {
    if (!query) return fail(std::move(query).error());
    model::usage_page<Row> page;
    std::size_t bytes = 0;
    for (;;) {
        const auto there = query->step();
        if (!there) return fail(there.error());
        if (!*there) return page;
        page.more = page.rows.size() == most || bytes > most_bytes;
        if (page.more) return page;
        page.rows.push_back(read(*query));
        bytes += size_of(page.rows.back());
    }
}

} // namespace

result<void> usage_reader::prepare() {
    if (!db_) {
        auto opened = db::database::open_reader(file_);
        if (!opened) return fail(std::move(opened).error());
        db_ = *std::move(opened);
    }
    db_->limit_time(usage_query_time);
    return {};
}

result<model::usage_page<model::usage_record>> usage_reader::requests(const model::usage_filter& wanted) {
    if (auto ready = prepare(); !ready) return fail(std::move(ready).error());
    selection query(select_requests);
    query.where_equal("databricks_request_id", wanted.request_id);
    query.where_equal("client_request_id", wanted.client_request_id);
    query.where_equal("requester", wanted.requester);
    query.where_equal("principal_id", wanted.principal_id);
    query.where_equal("endpoint_id", wanted.endpoint_id);
    query.where_equal("endpoint_name", wanted.endpoint_name);
    query.where_equal("served_entity_id", wanted.served_entity_id);
    if (wanted.status_code) query.where("status_code = ?", *wanted.status_code);
    if (wanted.streaming) query.where("request_streaming = ?", std::int64_t{*wanted.streaming ? 1 : 0});
    if (wanted.start) query.where("request_time >= ?", *wanted.start);
    if (wanted.end) query.where("request_time < ?", *wanted.end);
    if (wanted.after) {
        const char* const later = "request_time >= ? AND (request_time > ? OR id > ?)";
        const char* const earlier = "request_time <= ? AND (request_time < ? OR id < ?)";
        query.where(wanted.ascending ? later : earlier, wanted.after->time);
        query.also(wanted.after->time);
        query.also(wanted.after->id);
    }
    query.order_by(wanted.ascending ? "request_time, id" : "request_time DESC, id DESC", wanted.most + 1);
    return page_of(query.run(*db_), read_request, wanted.most);
}

result<model::usage_page<model::usage_entity>> usage_reader::entities(const model::usage_filter& wanted) {
    if (auto ready = prepare(); !ready) return fail(std::move(ready).error());
    selection query(select_entities);
    query.where_equal("endpoint_id", wanted.endpoint_id);
    query.where_equal("endpoint_name", wanted.endpoint_name);
    query.where_equal("served_entity_id", wanted.served_entity_id);
    if (wanted.after) query.where("id > ?", wanted.after->id);
    query.order_by("id", wanted.most + 1);
    return page_of(query.run(*db_), read_entity, wanted.most);
}

result<model::usage_summary> usage_reader::summary(const model::usage_summary_query& wanted) {
    if (auto ready = prepare(); !ready) return fail(std::move(ready).error());
    const model::usage_filter& filter = wanted.filter;
    selection query(head_of(wanted.group));
    query.where_equal("principal_id", filter.principal_id);
    query.where_equal("endpoint_id", filter.endpoint_id);
    query.where_equal("endpoint_name", filter.endpoint_name);
    if (filter.start) query.where("request_time >= ?", *filter.start);
    if (filter.end) query.where("request_time < ?", *filter.end);
    const bool by_entity = wanted.group == model::usage_group::entity;
    query.close(by_entity ? group_by_entity : group_by_requester, wanted.most + 1);
    auto rows = db::all_rows(query.run(*db_), [](const db::statement& row) {
        return model::usage_sum{row.text(0), row.integer(1), row.integer(2), row.integer(3), row.integer(4)};
    });
    if (!rows) return fail(std::move(rows).error());
    model::usage_summary out{*std::move(rows), false};
    out.truncated = out.rows.size() > wanted.most;
    if (out.truncated) out.rows.resize(wanted.most);
    return out;
}

} // namespace sluice::observe
