// Users, groups, service principals and tokens (api.md §3.4, §14.5). The text of a token is shown once, when
// it is made; what is stored is its digest. Whoever publishes snapshots starts from all() and then applies
// the changes that each answer brings. Control thread only.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/base/secret_string.hpp"
#include "core/base/string_map.hpp"
#include "proxy/control/directory.hpp"
#include "proxy/control/store.hpp"
#include "proxy/model/identity.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::control {

// A token as the snapshot holds it: the key (32 raw bytes of its digest) and the value.
using snapshot_token = std::pair<std::string, model::token>;

// What the next snapshot differs by.
struct identity_changes {
    std::vector<snapshot_token> tokens;                              // added
    std::vector<std::string> tokens_removed;                         // keys
    std::vector<std::shared_ptr<const model::principal>> principals; // new, or changed; shared with snapshots
    std::vector<std::string> principals_removed;                     // ids: deleted, or no longer active

    [[nodiscard]] bool empty() const noexcept {
        return tokens.empty() && tokens_removed.empty() && principals.empty() && principals_removed.empty();
    }
};

struct identity_answer {
    boost::json::value body;
    identity_changes changes; // on the disk already; to be published before the body is answered
};

// Somebody whom a permission, a limit or an ACL may name.
struct named_principal {
    model::principal_kind kind = model::principal_kind::user;
    std::string id;   // SCIM id
    std::string name; // userName, displayName of a group, or application id
    std::string display_name;
};

struct group_input; // identity_scim.hpp

class identity {
public:
    static constexpr std::size_t max_tokens_per_user = 10'000;
    static constexpr std::size_t max_comment_bytes = 1000;
    static constexpr std::int64_t max_lifetime_seconds = std::int64_t{100} * 365 * 24 * 3600;

    // Makes the user `admin` at the first start. `admin_token` (SLUICE_ADMIN_TOKEN) replaces the one of the
    // last start; when it is empty that one stays, or a new one is made if there is none. The references must
    // outlive the object.
    [[nodiscard]] static result<std::unique_ptr<identity>>
    open(store& db, const clock& time, const secret_string& admin_token);

    identity(const identity&) = delete;
    identity& operator=(const identity&) = delete;
    ~identity() = default;

    // The admin token that this start has made, to be shown to the operator once: empty on the second call,
    // and when none was made.
    [[nodiscard]] secret_string take_new_admin_token();

    // Who owns what the config file makes.
    [[nodiscard]] std::shared_ptr<const model::principal> admin() const { return admin_; }

    // The user or service principal with this SCIM id, active or not; null when there is none.
    [[nodiscard]] result<std::shared_ptr<const model::principal>> principal(std::string_view id);

    // Everything for the first snapshot: the active principals, and their tokens that have not expired.
    [[nodiscard]] result<identity_changes> all();

    // By name, without regard to case, or by SCIM id; active or not. nullopt: there is none of that kind.
    [[nodiscard]] result<std::optional<named_principal>> find(model::principal_kind kind,
                                                              std::string_view name) const;
    [[nodiscard]] result<std::optional<named_principal>> find(std::string_view id) const;

    // /api/2.0/preview/scim/v2/{Users,ServicePrincipals}[/{id}]. Reading is for everybody, changing for
    // admins. `kind` is not group. A PUT that says nothing of groups leaves the memberships as they are.
    [[nodiscard]] result<identity_answer>
    create_user(model::principal_kind kind, const boost::json::object& body, const model::principal& who);
    [[nodiscard]] result<identity_answer> list_users(model::principal_kind kind,
                                                     const boost::json::object& query) const;
    [[nodiscard]] result<identity_answer>
    get_user(model::principal_kind kind, std::string_view id, const boost::json::object& query) const;
    [[nodiscard]] result<identity_answer> put_user(model::principal_kind kind,
                                                   std::string_view id,
                                                   const boost::json::object& body,
                                                   const model::principal& who);
    [[nodiscard]] result<identity_answer> patch_user(model::principal_kind kind,
                                                     std::string_view id,
                                                     const boost::json::object& body,
                                                     const model::principal& who);
    // With tokens, secrets, memberships and ACL entries: a later one of the same name inherits nothing.
    [[nodiscard]] result<identity_answer>
    delete_user(model::principal_kind kind, std::string_view id, const model::principal& who);

    // /api/2.0/preview/scim/v2/Groups[/{id}]. ACLs of secret scopes follow a new name.
    [[nodiscard]] result<identity_answer> create_group(const boost::json::object& body,
                                                       const model::principal& who);
    [[nodiscard]] result<identity_answer> list_groups(const boost::json::object& query) const;
    [[nodiscard]] result<identity_answer> get_group(std::string_view id,
                                                    const boost::json::object& query) const;
    [[nodiscard]] result<identity_answer>
    put_group(std::string_view id, const boost::json::object& body, const model::principal& who);
    [[nodiscard]] result<identity_answer>
    patch_group(std::string_view id, const boost::json::object& body, const model::principal& who);
    [[nodiscard]] result<identity_answer> delete_group(std::string_view id, const model::principal& who);

    // GET /api/2.0/preview/scim/v2/Me.
    [[nodiscard]] result<identity_answer> me(const boost::json::object& query, const model::principal& who);

    // POST /api/2.0/token/create: {comment?, lifetime_seconds?}.
    [[nodiscard]] result<identity_answer> create_token(const boost::json::object& body,
                                                       const model::principal& who);
    // GET /api/2.0/token/list: the caller's own.
    [[nodiscard]] result<identity_answer> list_tokens(const model::principal& who);
    // POST /api/2.0/token/delete: {token_id}. Another user's token only by an admin, the admin token by
    // nobody.
    [[nodiscard]] result<identity_answer> delete_token(const boost::json::object& body,
                                                       const model::principal& who);
    // POST /api/2.0/token-management/on-behalf-of/tokens: {application_id or user_name, comment?,
    // lifetime_seconds?}. Admins only.
    [[nodiscard]] result<identity_answer> create_token_for(const boost::json::object& body,
                                                           const model::principal& who);

    // /api/2.0/token-management/tokens[/{id}], for admins: everybody's. Filters created_by_id and
    // created_by_username.
    [[nodiscard]] result<identity_answer> list_all_tokens(const boost::json::object& query,
                                                          const model::principal& who);
    [[nodiscard]] result<identity_answer> get_any_token(std::string_view id, const model::principal& who);
    [[nodiscard]] result<identity_answer> delete_any_token(std::string_view id, const model::principal& who);

private:
    identity(store& db, const clock& time)
        : db_(db)
        , time_(time) {}

    [[nodiscard]] result<void> load_people();
    [[nodiscard]] result<void> make_admin_user();
    [[nodiscard]] result<void> set_admin_token(const secret_string& given);
    [[nodiscard]] result<identity_answer>
    issue(const boost::json::object& body, const stored_user& owner, std::string_view created_by);
    [[nodiscard]] result<stored_user> find_caller(const model::principal& who);
    [[nodiscard]] boost::json::object managed_info_of(const stored_token& token) const;
    // Deletes what has expired of these and takes it out of the list; the digests of the deleted.
    [[nodiscard]] result<std::vector<std::string>> drop_expired(std::vector<stored_token>& list);
    // One object per user, shared with snapshots.
    [[nodiscard]] std::shared_ptr<const model::principal> principal_for(const stored_user& user);

    // identity_people.cpp and identity_groups.cpp
    [[nodiscard]] static result<void> for_admins(const model::principal& who);
    [[nodiscard]] result<const stored_user*> existing_user(model::principal_kind kind,
                                                           std::string_view id) const;
    [[nodiscard]] result<const stored_group*> existing_group(std::string_view id) const;
    [[nodiscard]] result<void> name_is_free(std::string_view name) const;
    [[nodiscard]] bool is_built_in_admin(std::int64_t id) const { return std::to_string(id) == admin_->id; }
    [[nodiscard]] std::set<std::int64_t> direct_groups(std::int64_t id,
                                                       const std::set<std::int64_t>& named) const;
    [[nodiscard]] result<identity_answer> replace_user(const stored_user& old,
                                                       const boost::json::object& body);
    [[nodiscard]] result<identity_answer> replace_group(const stored_group& old,
                                                        const boost::json::object& body);
    // Before somebody joins these groups. Error invalid_parameter_value: one is full.
    [[nodiscard]] result<void> has_room(const std::set<std::int64_t>& groups) const;
    [[nodiscard]] result<void> may_become(const stored_group& old, const group_input& next) const;
    [[nodiscard]] result<void> no_cycle(std::int64_t group, const std::set<std::int64_t>& members) const;
    [[nodiscard]] result<void> store_memberships(const std::vector<stored_membership>& joined,
                                                 const std::vector<stored_membership>& left);
    void apply_memberships(const std::vector<stored_membership>& joined,
                           const std::vector<stored_membership>& left);
    // Makes the principals of these users anew, for the next snapshot.
    void refresh(const std::set<std::int64_t>& ids, identity_changes& changes);

    store& db_;
    const clock& time_;
    directory people_;
    std::shared_ptr<const model::principal> admin_;
    string_map<std::shared_ptr<const model::principal>> principals_; // by SCIM id
    secret_string new_admin_token_;
};

} // namespace sluice::control
