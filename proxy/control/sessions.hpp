// Sessions of the Serving UI: signing in with a token, and out. The value of a session is shown once, in a
// cookie; what is stored is its digest. Whoever publishes snapshots gives the next one, which follows what is
// stored. Control thread only.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "proxy/control/reply.hpp"
#include "proxy/control/store.hpp"
#include "proxy/model/credentials.hpp"
#include "proxy/model/management.hpp"
#include "proxy/model/snapshot.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::control {

class sessions {
public:
    static constexpr std::size_t max_sessions = 50;                  // of one principal: the oldest ends
    static constexpr wall_ms longest = wall_ms{12} * 60 * 60 * 1000; // milliseconds

    // Who wants to sign in, and with which token.
    struct applicant {
        model::caller by;
        std::string token_id;  // empty: an access token
        std::string token_key; // in the snapshot; empty: an access token
    };

    // The references must outlive the object.
    sessions(store& db, const clock& time)
        : db_(db)
        , time_(time) {}

    // Those that have not ended, into the first snapshot, which has the principals and tokens already.
    [[nodiscard]] result<void> load(model::snapshot& next);

    // POST: {token}. Errors invalid_parameter_value, unauthenticated, and permission_denied of a token that
    // is limited.
    [[nodiscard]] result<applicant> check(const boost::json::object& body, const model::snapshot& next);
    // Signs in.
    [[nodiscard]] result<reply>
    create(const applicant& who, const model::management_request& request, model::snapshot& next);
    // GET. Error unauthenticated, as of remove: the call was not made with a session.
    [[nodiscard]] static result<reply> show(const model::management_request& request,
                                            const model::snapshot& next);
    // DELETE: signs out.
    [[nodiscard]] result<reply> remove(const model::management_request& request, model::snapshot& next);
    // Ends the sessions of principals that are not active any more.
    [[nodiscard]] result<void> remove_all_of(const std::vector<std::string>& principals,
                                             model::snapshot& next);

private:
    [[nodiscard]] result<void> make_room(std::int64_t user_id);

    store& db_;
    const clock& time_;
    model::credential_checker checker_;
};

} // namespace sluice::control
