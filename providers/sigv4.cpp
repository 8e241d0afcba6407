#include "providers/sigv4.hpp"

#include "core/base/hex.hpp"
#include "core/base/hmac.hpp"
#include "core/http/framing.hpp"
#include "providers/sentence.hpp"

#include <absl/container/inlined_vector.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace sluice::providers::sigv4 {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view last_of_scope = "aws4_request";
constexpr std::size_t date_size = 8;

// What proxies add or change.
constexpr std::array<std::string_view, 7> unsigned_names = {"authorization",
                                                            "user-agent",
                                                            "connection",
                                                            "expect",
                                                            "x-amzn-trace-id",
                                                            "transfer-encoding",
                                                            "content-length"};

std::string lowered(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

// Each segment is encoded once more, as every service but S3 wants it.
void append_path(std::string& out, std::string_view path) {
    while (true) {
        const std::size_t slash = std::min(path.find('/'), path.size());
        out += percent_encode(path.substr(0, slash));
        if (slash == path.size()) return;
        out += '/';
        path.remove_prefix(slash + 1);
    }
}

// Without blanks around it, and of blanks inside one.
void append_value(std::string& out, std::string_view value) {
    bool pending = false;
    const std::size_t start = out.size();
    for (const char c : value) {
        if (c == ' ' || c == '\t') {
            pending = out.size() > start;
            continue;
        }
        if (std::exchange(pending, false)) out += ' ';
        out += c;
    }
}

std::string scope_text(std::string_view date, const scope& in) {
    return sentence({date, "/", in.region, "/", in.service, "/", last_of_scope});
}

secret_string keyed(const secret_string& key, std::string_view text) {
    return secret_string(as_text(hmac_sha256(key).sign(text)));
}

std::string digits(unsigned value, std::size_t width) {
    std::string out(width, '0');
    for (std::size_t i = width; i > 0; --i, value /= 10)
        out[i - 1] = static_cast<char>('0' + value % 10);
    return out;
}

} // namespace

std::string time_text(wall_ms now) {
    using namespace std::chrono;
    const sys_seconds time{floor<std::chrono::seconds>(std::chrono::milliseconds(now))};
    const auto midnight = floor<days>(time);
    const year_month_day day(midnight);
    const hh_mm_ss clock(time - midnight);
    return sentence({digits(static_cast<unsigned>(static_cast<int>(day.year())), 4),
                     digits(static_cast<unsigned>(day.month()), 2),
                     digits(static_cast<unsigned>(day.day()), 2),
                     "T",
                     digits(static_cast<unsigned>(clock.hours().count()), 2),
                     digits(static_cast<unsigned>(clock.minutes().count()), 2),
                     digits(static_cast<unsigned>(clock.seconds().count()), 2),
                     "Z"});
}

canonical_request canonical(const message& of, sha256& hasher) {
    absl::InlinedVector<std::pair<std::string, std::string_view>, 8> fields;
    std::size_t size = of.path.size() + 256;
    for (const head_field& each : of.fields) {
        std::string name = lowered(each.name);
        if (std::find(unsigned_names.begin(), unsigned_names.end(), name) != unsigned_names.end()) continue;
        size += 2 * name.size() + each.value.size() + 3;
        fields.emplace_back(std::move(name), each.value);
    }
    std::sort(fields.begin(), fields.end());
    canonical_request out;
    out.text.reserve(size);
    out.text.append(of.method).append("\n");
    append_path(out.text, of.path);
    out.text += "\n\n"; // no query
    for (const auto& [name, value] : fields) {
        out.text.append(name).append(":");
        append_value(out.text, value);
        out.text += '\n';
        if (!out.signed_names.empty()) out.signed_names += ';';
        out.signed_names += name;
    }
    out.text.append("\n").append(out.signed_names).append("\n");
    out.text += hex_encode(as_text(hasher.digest(of.body)));
    return out;
}

std::string
string_to_sign(std::string_view time, const scope& in, std::string_view canonical, sha256& hasher) {
    return sentence({algorithm,
                     "\n",
                     time,
                     "\n",
                     scope_text(time.substr(0, date_size), in),
                     "\n",
                     hex_encode(as_text(hasher.digest(canonical)))});
}

secret_string signing_key(std::string_view secret, std::string_view date, const scope& in) {
    std::string first = sentence({"AWS4", secret});
    const secret_string start(first);
    wipe(first);
    const secret_string of_date = keyed(start, date);
    const secret_string of_region = keyed(of_date, in.region);
    const secret_string of_service = keyed(of_region, in.service);
    return keyed(of_service, last_of_scope);
}

bool append_proof(std::string& lines, const message& of, const keys& with, const scope& in, wall_ms now) {
    const std::string time = time_text(now);
    const std::string_view date = std::string_view(time).substr(0, date_size);
    absl::InlinedVector<head_field, 8> fields(of.fields.begin(), of.fields.end());
    fields.push_back({"X-Amz-Date", time});
    if (!with.session.empty()) fields.push_back({"X-Amz-Security-Token", with.session});
    message whole = of;
    whole.fields = {fields.data(), fields.size()};

    sha256 hasher;
    const canonical_request request = canonical(whole, hasher);
    const std::string signing = string_to_sign(time, in, request.text, hasher);
    hmac_sha256 signer(signing_key(with.secret, date, in));
    const std::string value = sentence({algorithm,
                                        " Credential=",
                                        with.id,
                                        "/",
                                        scope_text(date, in),
                                        ", SignedHeaders=",
                                        request.signed_names,
                                        ", Signature=",
                                        hex_encode(as_text(signer.sign(signing)))});
    // No reallocation leaves a copy of a token behind.
    lines.reserve(lines.size() + value.size() + with.session.size() + 128);
    bool good = http::append_field(lines, "X-Amz-Date", time);
    if (!with.session.empty()) good = http::append_field(lines, "X-Amz-Security-Token", with.session) && good;
    return http::append_field(lines, "Authorization", value) && good;
}

} // namespace sluice::providers::sigv4
