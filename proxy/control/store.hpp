// What must survive a restart: endpoints, secrets (sealed), users, tokens (digests only) and what the config
// file said last. One SQLite file, `sluice.db` in the data directory. Every function that returns success has
// its change on the disk already, unless it runs inside a transaction of the caller: then the commit has.
// Failures of the disk or of SQLite are internal_error, and nothing of the write remains. Control thread
// only; outlives everything that uses it.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/db/database.hpp"
#include "proxy/model/identity.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::control {

struct stored_endpoint {
    std::string id;       // 32 lower-case hex digits
    std::string name;     // unique
    std::string document; // JSON; its meaning is the registry's
    friend bool operator==(const stored_endpoint&, const stored_endpoint&) = default;
};

// One version of an endpoint's config.
struct stored_version {
    int version = 0;
    wall_ms created_ms = 0;
    std::string author;   // user name
    std::string outcome;  // "pending", "active", "superseded", "failed" or "canceled"
    std::string message;  // why it failed
    std::string document; // JSON; endpoint_document.hpp has its meaning
};

struct version_page {
    std::vector<stored_version> versions; // newest first
    bool more = false;                    // there are older ones
};

struct stored_scope {
    std::int64_t id = 0;
    std::string name; // as typed; unique without regard to case
    std::string creator;
    std::string backend_type;
};

struct stored_secret {
    std::string key;
    wall_ms updated_ms = 0;
};

struct stored_acl {
    std::string principal;
    std::string permission;
};

// A user or a service principal.
struct stored_user {
    std::int64_t id = 0;   // the SCIM id; 0: not stored yet
    std::string user_name; // or application id; unique without regard to case
    std::string display_name;
    bool active = true;
    std::string emails = "[]";       // JSON, as SCIM has it
    std::string entitlements = "[]"; // JSON array of texts
    std::string external_id;
    std::string name_parts = "{}"; // JSON object: SCIM's `name`
    model::principal_kind kind = model::principal_kind::user;
    wall_ms created_ms = 0;
};

struct stored_group {
    std::int64_t id = 0; // of the same range as the users'
    std::string name;    // unique without regard to case
    std::string external_id;
    std::string entitlements = "[]"; // JSON array of texts
    wall_ms created_ms = 0;
};

struct stored_membership {
    std::int64_t group_id = 0;
    std::int64_t member_id = 0; // a user, a service principal or a group
};

struct stored_token {
    std::string id;
    std::int64_t user_id = 0;
    std::string digest; // SHA-256 of the text, 32 raw bytes
    std::string comment;
    wall_ms created_ms = 0;
    wall_ms expires_ms = -1; // -1: never
    std::string created_by;  // user name
    bool is_admin_token = false;
};

// A session of the Serving UI.
struct stored_session {
    std::string digest; // SHA-256 of the cookie's value, 32 raw bytes
    std::int64_t user_id = 0;
    std::string token_id;     // of the token it was had for, with which it goes; empty: an access token
    std::string token_digest; // that token's; only read
    wall_ms created_ms = 0;
    wall_ms expires_ms = 0;
};

// One row of the audit log. `before` and `after` are JSON objects, or empty: there was, or is, nothing.
struct audit_event {
    std::int64_t id = 0; // grows with each event
    wall_ms time_ms = 0;
    std::string request_id;
    std::string principal_id; // SCIM id
    std::string principal_name;
    std::string source_address; // "config-file" for what the file did at start
    std::string user_agent;
    std::string action; // service and action name of the Databricks audit log where it has one
    std::string target; // "serving-endpoints/chat", "secrets/my_scope/my_key"
    std::string before;
    std::string after;
};

// Which events: all conditions hold; empty texts are none.
struct audit_filter {
    std::int64_t before_id = 0; // older than this event
    wall_ms start_ms = 0;       // from here
    wall_ms end_ms = 0;         // to before here
    std::string principal_name;
    std::string action;
    std::string target;
    std::int64_t most = 0;
};

struct audit_page {
    std::vector<audit_event> events;
    bool more = false; // older ones fit the filter, too
};

// An OAuth secret of a service principal.
struct stored_principal_secret {
    std::string id;
    std::int64_t principal_id = 0;
    std::string digest; // SHA-256 of the text, 32 raw bytes
    std::string scope;  // the most that a token had for it may have: "all-apis", "model-serving"
    wall_ms created_ms = 0;
    wall_ms expires_ms = 0;
};

class store {
public:
    // Opens or creates the database in this directory (created with mode 0700). Errors, for the operator to
    // read: the directory cannot be used, another gateway runs on it, the file is damaged or was written by a
    // newer version.
    [[nodiscard]] static result<std::unique_ptr<store>> open(const std::string& data_dir);

    store(const store&) = delete;
    store& operator=(const store&) = delete;
    ~store();

    // Several changes as one.
    [[nodiscard]] result<db::transaction> begin() { return db_->begin(); }

    [[nodiscard]] const std::string& data_dir() const noexcept { return data_dir_; }
    // Made at the first start, never changed: 16 digits, and a UUID.
    [[nodiscard]] const std::string& workspace_id() const noexcept { return workspace_id_; }
    [[nodiscard]] const std::string& account_id() const noexcept { return account_id_; }

    [[nodiscard]] result<std::optional<std::string>> meta(std::string_view key);
    [[nodiscard]] result<void> set_meta(std::string_view key, std::string_view value);
    // Does the database hold anything that the vault has sealed, or may have (endpoint documents)?
    [[nodiscard]] result<bool> has_sealed_data();

    // Adds the endpoint, or replaces the one with this id.
    [[nodiscard]] result<void> put_endpoint(const stored_endpoint& endpoint);
    [[nodiscard]] result<void> delete_endpoint(std::string_view id); // with its versions
    [[nodiscard]] result<std::vector<stored_endpoint>> endpoints();  // by name

    // Adds a version of an endpoint that is there. Of the versions that are not active those that are at
    // least `keep` older than it go, and the oldest beyond 32 MiB in all.
    [[nodiscard]] result<void>
    add_version(std::string_view endpoint_id, const stored_version& version, int keep);
    [[nodiscard]] result<void> set_outcome(std::string_view endpoint_id,
                                           int version,
                                           std::string_view outcome,
                                           std::string_view message);
    // At most `most` of those before the version `before`, about 8 MiB.
    [[nodiscard]] result<version_page> versions(std::string_view endpoint_id, int before, int most);
    [[nodiscard]] result<std::optional<stored_version>> find_version(std::string_view endpoint_id,
                                                                     int version);
    [[nodiscard]] result<std::vector<std::string>> endpoints_without_versions(); // ids, sorted

    [[nodiscard]] result<std::int64_t> add_scope(const stored_scope& scope); // its id
    [[nodiscard]] result<std::optional<stored_scope>> find_scope(std::string_view name);
    [[nodiscard]] result<std::vector<stored_scope>> scopes(); // by name
    [[nodiscard]] result<void> delete_scope(std::int64_t id); // with its secrets and its ACL
    [[nodiscard]] result<std::int64_t> count_scopes();

    [[nodiscard]] result<void>
    put_secret(std::int64_t scope, std::string_view key, std::string_view sealed, wall_ms now);
    [[nodiscard]] result<bool> delete_secret(std::int64_t scope,
                                             std::string_view key); // false: was not there
    [[nodiscard]] result<std::optional<std::string>> sealed_secret(std::int64_t scope, std::string_view key);
    [[nodiscard]] result<std::vector<stored_secret>> secrets(std::int64_t scope); // by key
    [[nodiscard]] result<std::int64_t> count_secrets(std::int64_t scope);

    [[nodiscard]] result<void> put_acl(std::int64_t scope, const stored_acl& acl);
    [[nodiscard]] result<bool> delete_acl(std::int64_t scope,
                                          std::string_view principal);      // false: was not there
    [[nodiscard]] result<std::vector<stored_acl>> acls(std::int64_t scope); // by principal

    [[nodiscard]] result<std::int64_t> add_user(const stored_user& user); // its id; ids are never used again
    [[nodiscard]] result<std::optional<stored_user>> find_user(std::string_view user_name);
    [[nodiscard]] result<std::vector<stored_user>> users(); // by id
    // All but id, name, kind and time.
    [[nodiscard]] result<void> update_user(const stored_user& user);
    // With its tokens and secrets.
    [[nodiscard]] result<void> delete_user(std::int64_t id);

    // An id for a group: users and groups never share one.
    [[nodiscard]] result<std::int64_t> next_principal_id();
    // Adds the group, or replaces the one with this id.
    [[nodiscard]] result<void> put_group(const stored_group& group);
    [[nodiscard]] result<void> delete_group(std::int64_t id); // with the memberships in it
    [[nodiscard]] result<std::optional<stored_group>> find_group(std::string_view name);
    [[nodiscard]] result<std::vector<stored_group>> groups(); // by id
    [[nodiscard]] result<std::vector<stored_membership>> memberships();
    [[nodiscard]] result<void> add_membership(const stored_membership& one);
    [[nodiscard]] result<void> delete_membership(const stored_membership& one);
    [[nodiscard]] result<void> leave_all_groups(std::int64_t member_id);
    // In the ACLs of all scopes, which name their principals.
    [[nodiscard]] result<void> rename_in_acls(std::string_view from, std::string_view to);
    [[nodiscard]] result<void> delete_from_acls(std::string_view principal);

    [[nodiscard]] result<void> add_token(const stored_token& token);
    [[nodiscard]] result<bool> delete_token(std::string_view id); // false: was not there
    [[nodiscard]] result<std::optional<stored_token>> find_token(std::string_view id);
    [[nodiscard]] result<std::vector<stored_token>> tokens();                     // by creation
    [[nodiscard]] result<std::vector<stored_token>> tokens(std::int64_t user_id); // by creation

    [[nodiscard]] result<void> add_session(const stored_session& session);
    [[nodiscard]] result<std::vector<stored_session>> sessions();                         // by creation
    [[nodiscard]] result<std::vector<std::string>> session_digests(std::int64_t user_id); // by creation
    [[nodiscard]] result<void> delete_session(std::string_view digest);
    [[nodiscard]] result<void> delete_sessions_of(std::int64_t user_id);
    [[nodiscard]] result<void> delete_sessions_before(wall_ms now); // those that have expired

    // Adds the event and forgets those that are older than the newest `keep`.
    [[nodiscard]] result<void> add_audit(const audit_event& event, std::int64_t keep);
    // The newest first; at least one, if there is any, and then no more than about 8 MiB of them.
    [[nodiscard]] result<audit_page> audit_events(const audit_filter& wanted);

    [[nodiscard]] result<bool> is_service_principal(std::int64_t id);
    [[nodiscard]] result<void> add_principal_secret(const stored_principal_secret& secret);
    [[nodiscard]] result<std::vector<stored_principal_secret>>
    principal_secrets(std::int64_t principal_id); // by creation
    [[nodiscard]] result<std::optional<stored_principal_secret>>
    find_principal_secret(std::string_view digest);
    [[nodiscard]] result<bool> delete_principal_secret(std::int64_t principal_id,
                                                       std::string_view id); // false: was not there

    // What the config file said at the last start: a fingerprint for each of its entries. `kind` is "secret"
    // or "endpoint".
    [[nodiscard]] result<std::optional<std::string>> config_entry(std::string_view kind,
                                                                  std::string_view name);
    [[nodiscard]] result<void>
    set_config_entry(std::string_view kind, std::string_view name, std::string_view digest);
    // Forgets the entries that the file no longer has, so that one that comes back counts as new.
    [[nodiscard]] result<void> keep_config_entries(std::string_view kind,
                                                   const std::vector<std::string>& names);

private:
    // A lock file that is held as long as the object lives.
    class directory_lock;

    store(std::string data_dir, std::unique_ptr<directory_lock> lock, std::unique_ptr<db::database> db);
    [[nodiscard]] result<void> load_ids();

    std::string data_dir_;
    std::unique_ptr<directory_lock> lock_;
    std::unique_ptr<db::database> db_;
    std::string workspace_id_;
    std::string account_id_;
};

} // namespace sluice::control
