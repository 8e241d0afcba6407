// The OAuth secrets of service principals (w.service_principal_secrets_proxy). The text of one is shown once,
// when it is made; what is stored is its digest. Admins only. Control thread only.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "proxy/control/store.hpp"
#include "proxy/model/credentials.hpp"
#include "proxy/model/identity.hpp"
#include "proxy/model/snapshot.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::control {

class principal_secrets {
public:
    static constexpr std::size_t max_secrets = 5; // of one principal
    static constexpr std::int64_t longest_lifetime =
        std::int64_t{730} * 24 * 3600; // seconds; also the default

    // The references must outlive the object.
    principal_secrets(store& db, const clock& time)
        : db_(db)
        , time_(time) {}

    // POST: {lifetime?: "3600s", scopes?: [...]}. `id`: the principal's SCIM id, as the path has it.
    [[nodiscard]] result<boost::json::object>
    create(std::string_view id, const boost::json::object& body, const model::principal& who);
    // GET: page_size, page_token.
    [[nodiscard]] result<boost::json::object>
    list(std::string_view id, const boost::json::object& query, const model::principal& who);
    [[nodiscard]] result<void>
    remove(std::string_view id, std::string_view secret_id, const model::principal& who);

    // The active service principal with this application id and secret, or nothing.
    [[nodiscard]] result<std::optional<model::caller>>
    authenticate(std::string_view client_id, std::string_view secret, const model::snapshot& config);

private:
    [[nodiscard]] result<std::int64_t> managed(std::string_view id, const model::principal& who);
    // Those of the principal that have not expired; the others are deleted.
    [[nodiscard]] result<std::vector<stored_principal_secret>> current(std::int64_t principal_id);

    store& db_;
    const clock& time_;
};

} // namespace sluice::control
