// Which endpoints have changed since when, for pages that ask every few seconds. What has not changed costs
// nothing to leave out. Kept in memory: a revision of another start is not known. A policy: no I/O. Control
// thread only.
#pragma once

#include "core/base/string_map.hpp"
#include "proxy/model/permission.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::control {

class endpoint_changes {
public:
    static constexpr std::size_t max_losses = 1000; // that are remembered

    // `start`: a text of this start's own.
    explicit endpoint_changes(std::string start)
        : start_(std::move(start)) {}

    // Made, or changed in whatever way.
    void changed(std::string_view name);
    // Somebody may have lost the endpoint from sight: it was deleted, or its grants are others. `acl`: those
    // of before.
    void lost(std::string_view name, std::vector<model::grant> acl);
    // The endpoint is no more. Beside lost().
    void erased(std::string_view name);
    // Of a principal: his groups are others, or he is an admin now, or not any more. What he may view is not
    // what it was.
    void rights_changed(std::string_view principal_id);
    void principal_removed(std::string_view principal_id);

    // Now.
    [[nodiscard]] std::string revision() const;

    struct loss {
        std::uint64_t number = 0;
        std::string name;
        std::vector<model::grant> acl;
    };
    struct difference {
        std::vector<std::string>
            changed;                   // names of endpoints that are there, each once, the last change last
        std::vector<const loss*> lost; // good until the next change
    };
    // What has happened since a revision, for this principal; nullopt: it cannot be said, begin anew.
    [[nodiscard]] std::optional<difference> since(std::string_view revision,
                                                  std::string_view principal_id) const;

private:
    [[nodiscard]] std::optional<std::uint64_t> number_of(std::string_view revision) const;

    std::string start_;
    std::uint64_t number_ = 0;                       // of the last change
    std::map<std::uint64_t, std::string> by_number_; // endpoints by their last change
    string_map<std::uint64_t> numbers_;              // and back
    std::deque<loss> losses_;                        // by number
    std::uint64_t forgotten_ = 0;                    // of the last loss that is not remembered
    string_map<std::uint64_t> rights_;               // last change, by principal; none: since the start
};

} // namespace sluice::control
