#include "providers/upstream_body.hpp"

#include "core/json/reader.hpp"
#include "core/json/writer.hpp"
#include "providers/sentence.hpp"
#include "providers/slices.hpp"

#include <algorithm>

namespace sluice::providers {

namespace {

// The members of `ours` that `theirs` does not have, and all of `theirs`.
std::string merged(slices::node ours, slices::node theirs) {
    std::string out;
    out.reserve(ours.raw().size() + theirs.raw().size());
    json::object_writer writer(out);
    for (const slices::node each : ours.items()) {
        const auto same_key = [&each](const slices::node& other) { return other.key() == each.key(); };
        const auto others = theirs.items();
        if (std::none_of(others.begin(), others.end(), same_key)) writer.raw(each.key(), each.raw());
    }
    for (const slices::node each : theirs.items())
        writer.raw(each.key(), each.raw());
    writer.close();
    return out;
}

void merge_extra(std::string& body, std::string_view extra) {
    std::string added = sentence({"{", extra, "}"});
    added.reserve(added.size() + json::padding);
    body.reserve(body.size() + json::padding);
    slices ours;
    slices theirs;
    if (ours.read(body, author::upstream) && theirs.read(added, author::upstream)) {
        body = merged(ours.root(), theirs.root());
        return;
    }
    // Both are JSON: one of them is too large for a tree. Of a repeated member the last counts nearly
    // everywhere.
    body.back() = ',';
    body.append(extra).append("}");
}

} // namespace

void finish_request(const unified::call& call, upstream_request& out) {
    if (!call.extra.empty()) merge_extra(out.storage, call.extra);
    out.body.clear();
    out.body.emplace_back(out.storage);
    out.body_size = out.storage.size();
    out.head_tail = "Content-Length: ";
    json::append_number(out.head_tail, static_cast<std::int64_t>(out.body_size));
    out.head_tail += "\r\n\r\n";
}

} // namespace sluice::providers
