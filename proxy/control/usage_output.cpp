#include "proxy/control/usage_output.hpp"

#include "core/json/writer.hpp"

#include <cstdint>
#include <optional>

namespace sluice::control {

namespace {

// Both forms are written by one list of columns: `columns` calls its argument's functions in the order of the
// table.

class json_row {
public:
    explicit json_row(std::string& out)
        : writer_(out) {}
    void text(std::string_view name, std::string_view value) { writer_.text(name, value); }
    void text_or_null(std::string_view name, std::string_view value) {
        value.empty() ? writer_.raw(name, "null") : writer_.text(name, value);
    }
    void number(std::string_view name, std::int64_t value) { writer_.number(name, value); }
    void number_or_null(std::string_view name, std::optional<std::int64_t> value) {
        value ? writer_.number(name, *value) : writer_.raw(name, "null");
    }
    void flag(std::string_view name, bool value) { writer_.boolean(name, value); }
    void json_or_null(std::string_view name, std::string_view value) {
        writer_.raw(name, value.empty() ? "null" : value);
    }
    void close() { writer_.close(); }

private:
    json::object_writer writer_;
};

class csv_row {
public:
    explicit csv_row(std::string& out)
        : out_(out) {}
    void text(std::string_view, std::string_view value) { cell(value); }
    void text_or_null(std::string_view, std::string_view value) { cell(value); }
    void number(std::string_view, std::int64_t value) { plain(std::to_string(value)); }
    void number_or_null(std::string_view, std::optional<std::int64_t> value) {
        plain(value ? std::to_string(*value) : "");
    }
    void flag(std::string_view, bool value) { plain(value ? "true" : "false"); }
    void json_or_null(std::string_view, std::string_view value) { cell(value); }
    void close() { out_ += "\r\n"; }

private:
    void plain(std::string_view value) {
        if (!first_) out_ += ',';
        first_ = false;
        out_ += value;
    }
    void cell(std::string_view value) {
        std::string safe;
        if (!value.empty() && std::string_view("=+-@\t\r\n").find(value.front()) != std::string_view::npos)
            safe = '\'';
        safe += value;
        if (safe.find_first_of("\",\r\n'") == std::string::npos) return plain(safe);
        std::string quoted = "\"";
        for (const char c : safe)
            quoted.append(c == '"' ? 2 : 1, c);
        plain(quoted + '"');
    }

    std::string& out_;
    bool first_ = true;
};

class csv_names {
public:
    explicit csv_names(std::string& out)
        : out_(out) {}
    void text(std::string_view name, std::string_view) { add(name); }
    void text_or_null(std::string_view name, std::string_view) { add(name); }
    void number(std::string_view name, std::int64_t) { add(name); }
    void number_or_null(std::string_view name, std::optional<std::int64_t>) { add(name); }
    void flag(std::string_view name, bool) { add(name); }
    void json_or_null(std::string_view name, std::string_view) { add(name); }
    void close() { out_ += "\r\n"; }

private:
    void add(std::string_view name) {
        if (!first_) out_ += ',';
        first_ = false;
        out_ += name;
    }

    std::string& out_;
    bool first_ = true;
};

template <class Row>
void columns(Row row, const usage_owner& owner, const model::usage_record& of) {
    row.text("account_id", owner.account_id);
    row.text("workspace_id", owner.workspace_id);
    row.text_or_null("client_request_id", of.client_request_id);
    row.text("databricks_request_id", of.request_id);
    row.text("requester", of.requester);
    row.number("status_code", of.status_code);
    row.number("request_time", of.request_time);
    row.number_or_null("input_token_count", of.input_tokens);
    row.number_or_null("output_token_count", of.output_tokens);
    row.number_or_null("input_character_count", of.input_characters);
    row.number_or_null("output_character_count", std::nullopt);
    row.json_or_null("usage_context", of.usage_context);
    row.flag("request_streaming", of.streaming);
    row.text_or_null("served_entity_id", of.served_entity_id);
    row.text("endpoint_id", of.endpoint_id);
    row.text("endpoint_name", of.endpoint_name);
    row.text("principal_id", of.principal_id);
    row.number("latency_ms", of.latency_ms);
    row.number_or_null("time_to_first_byte_ms", of.first_byte_ms);
    row.number_or_null("cached_input_token_count", of.cached_tokens);
    row.number_or_null("reasoning_output_token_count", of.reasoning_tokens);
    row.close();
}

template <class Row>
void columns(Row row, const usage_owner& owner, const model::usage_entity& of) {
    std::string config;
    json::object_writer struct_of(config);
    struct_of.text("provider", of.provider);
    struct_of.close();
    row.text("served_entity_id", of.served_entity_id);
    row.text("account_id", owner.account_id);
    row.text("workspace_id", owner.workspace_id);
    row.text("created_by", of.created_by);
    row.text("endpoint_name", of.endpoint_name);
    row.text("endpoint_id", of.endpoint_id);
    row.text("served_entity_name", of.name);
    row.text("entity_type", "EXTERNAL_MODEL");
    row.text("entity_name", of.external_model);
    row.text_or_null("entity_version", "");
    row.number("endpoint_config_version", of.config_version);
    row.text("task", of.task);
    row.json_or_null("external_model_config", config);
    row.number("change_time", of.change_time);
    row.number_or_null("endpoint_delete_time", of.endpoint_delete_time);
    row.close();
}

template <class Row>
std::string rows_json(std::string_view list,
                      const usage_owner& owner,
                      const std::vector<Row>& rows,
                      std::string_view token) {
    std::string out = "{\"" + std::string(list) + "\":[";
    bool first = true;
    for (const Row& row : rows) {
        if (!first) out += ',';
        first = false;
        columns(json_row(out), owner, row);
    }
    out += ']';
    if (!token.empty()) {
        out += ",\"next_page_token\":";
        json::append_string(out, token);
    }
    return out + '}';
}

template <class Row>
std::string to_csv(const usage_owner& owner, const std::vector<Row>& rows) {
    std::string out;
    columns(csv_names(out), owner, Row{});
    for (const Row& row : rows)
        columns(csv_row(out), owner, row);
    return out;
}

} // namespace

std::string usage_json(const usage_owner& owner,
                       const model::usage_page<model::usage_record>& page,
                       std::string_view token) {
    return rows_json("usage", owner, page.rows, token);
}

std::string entities_json(const usage_owner& owner,
                          const model::usage_page<model::usage_entity>& page,
                          std::string_view token) {
    return rows_json("served_entities", owner, page.rows, token);
}

std::string usage_csv(const usage_owner& owner, const model::usage_page<model::usage_record>& page) {
    return to_csv(owner, page.rows);
}

std::string entities_csv(const usage_owner& owner, const model::usage_page<model::usage_entity>& page) {
    return to_csv(owner, page.rows);
}

} // namespace sluice::control
