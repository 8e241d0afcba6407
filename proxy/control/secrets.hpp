// The secrets API (api.md §13): scopes, secrets, ACLs, who may do what. The REST layer parses and routes;
// these methods take the parsed body of a POST or the decoded query parameters of a GET (an object of texts),
// and the caller. Admins may do everything; others what the ACL of the scope gives them by name or as members
// of the group `users`. Control thread only.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/base/secret_string.hpp"
#include "proxy/config.hpp"
#include "proxy/control/store.hpp"
#include "proxy/control/vault.hpp"
#include "proxy/model/identity.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::control {

class secrets {
public:
    static constexpr std::size_t max_scopes = 1000;
    static constexpr std::size_t max_secrets_per_scope = 1000;
    static constexpr std::size_t max_name_length = 128;
    static constexpr std::size_t max_value_bytes = std::size_t{128} * 1024;

    // The arguments must outlive the object.
    secrets(store& db, const vault& keys, const clock& time)
        : db_(db)
        , keys_(keys)
        , time_(time) {}
    secrets(const secrets&) = delete;
    secrets& operator=(const secrets&) = delete;

    // Called after a secret was written or deleted, once for each; `scope` is the name as stored. References
    // to scopes are without regard to case: compare with same_text.
    using change_hook = std::function<void(std::string_view scope, std::string_view key)>;
    void on_changed(change_hook hook) { changed_ = std::move(hook); }

    [[nodiscard]] result<boost::json::value> create_scope(const boost::json::object& body,
                                                          const model::principal& who);
    [[nodiscard]] result<boost::json::value> list_scopes(const model::principal& who);
    [[nodiscard]] result<boost::json::value> delete_scope(const boost::json::object& body,
                                                          const model::principal& who);

    [[nodiscard]] result<boost::json::value> put(const boost::json::object& body,
                                                 const model::principal& who);
    [[nodiscard]] result<boost::json::value> remove(const boost::json::object& body,
                                                    const model::principal& who);
    [[nodiscard]] result<boost::json::value> list(const boost::json::object& query,
                                                  const model::principal& who);
    [[nodiscard]] result<boost::json::value> get(const boost::json::object& query,
                                                 const model::principal& who);

    [[nodiscard]] result<boost::json::value> put_acl(const boost::json::object& body,
                                                     const model::principal& who);
    [[nodiscard]] result<boost::json::value> delete_acl(const boost::json::object& body,
                                                        const model::principal& who);
    [[nodiscard]] result<boost::json::value> get_acl(const boost::json::object& query,
                                                     const model::principal& who);
    [[nodiscard]] result<boost::json::value> list_acls(const boost::json::object& query,
                                                       const model::principal& who);

    // The value behind {{secrets/<scope>/<key>}}. Error resource_does_not_exist names scope and key. May hold
    // any bytes, CR and LF too: who puts it into a header checks.
    [[nodiscard]] result<secret_string> resolve(std::string_view scope, std::string_view key);
    // May the caller reference the secrets of this scope? False too when there is no such scope.
    [[nodiscard]] result<bool> may_read(const model::principal& who, std::string_view scope);

    // -1: there is none of this name. Ids are never used again.
    [[nodiscard]] result<std::int64_t> scope_id(std::string_view scope);

    // The `secrets` of the config file: an entry is written when it is new or differs from what the file said
    // at the last start. A missing scope is created, `owner` as creator. `note` is called for each entry that
    // is written, in its transaction.
    using entry_note =
        std::function<result<void>(const std::string& scope, const std::string& key, bool new_scope)>;
    [[nodiscard]] result<void> apply_config(const std::vector<proxy::secret_entry>& entries,
                                            const model::principal& owner,
                                            const entry_note& note);

private:
    enum class right : std::uint8_t { none, read, write, manage };

    [[nodiscard]] result<right> right_of(const model::principal& who, const stored_scope& scope);
    // The scope, when the caller has at least this right on it.
    [[nodiscard]] result<stored_scope>
    scope_for(std::string_view name, const model::principal& who, right least);
    [[nodiscard]] result<stored_scope>
    add_scope(std::string_view name, std::string_view creator, std::string_view manager);
    [[nodiscard]] result<void>
    write(const stored_scope& scope, std::string_view key, const secret_string& text);
    [[nodiscard]] result<void>
    apply_entry(const proxy::secret_entry& entry, const model::principal& owner, const entry_note& note);
    void tell(std::string_view scope, std::string_view key) const;

    store& db_;
    const vault& keys_;
    const clock& time_;
    change_hook changed_;
};

} // namespace sluice::control
