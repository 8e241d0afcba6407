#include "providers/upstream_body.hpp"

#include "core/http/framing.hpp"
#include "core/json/reader.hpp"
#include "core/json/writer.hpp"
#include "providers/sentence.hpp"
#include "providers/slices.hpp"

#include <algorithm>

namespace sluice::providers {

namespace {

constexpr std::size_t head_bytes = 1024;

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

std::string host_of(const origin& to) {
    const bool literal = to.host.find(':') != std::string::npos;
    std::string text = literal ? sentence({"[", to.host, "]"}) : to.host;
    if (to.port != (to.tls ? 443 : 80)) text.append(":").append(std::to_string(to.port));
    return text;
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

result<secret_string> make_post_head(const origin& to,
                                     std::string_view path,
                                     std::span<const std::pair<std::string_view, std::string_view>> fields) {
    std::string head = sentence({"POST ", path, " HTTP/1.1\r\n"});
    head.reserve(head_bytes); // no reallocation leaves a copy of a key behind
    bool good = http::append_field(head, "Host", host_of(to));
    for (const auto& [name, value] : fields) {
        if (!value.empty()) good = http::append_field(head, name, value) && good;
    }
    good = http::append_field(head, "Content-Type", "application/json") && good;
    good = http::append_field(head, "Accept-Encoding", "identity") && good;
    good = http::append_field(head, "User-Agent", "sluice/" SLUICE_VERSION) && good;
    secret_string kept(head);
    wipe(head);
    if (good) return kept;
    return fail(errc::invalid_parameter_value,
                "A value of the configuration has characters that a header must not have.");
}

bool is_usable_key(std::string_view key) noexcept {
    return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c <= '~'; });
}

result<secret_string> needed_key(const resolved_config& config, std::string_view name) {
    const auto found = config.secrets.find(name);
    if (found == config.secrets.end()) {
        return fail(errc::invalid_parameter_value,
                    sentence({"'", name, "' or '", name, "_plaintext' is missing."}));
    }
    if (!is_usable_key(found->second.reveal())) {
        return fail(errc::invalid_parameter_value,
                    sentence({"'", name, "' must be visible ASCII characters without blanks or line ends."}));
    }
    return found->second;
}

std::string_view plain_value(const resolved_config& config, std::string_view name) {
    const auto found = config.plain.find(name);
    return found == config.plain.end() ? std::string_view() : std::string_view(found->second);
}

} // namespace sluice::providers
