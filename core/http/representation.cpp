#include "core/http/representation.hpp"

#include <algorithm>

namespace sluice::http {

namespace {

constexpr std::string_view blanks = " \t";

std::string_view trimmed(std::string_view text) noexcept {
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// Takes the text up to `end` from the front of `in`, and `end` itself.
std::string_view take_until(std::string_view& in, char end) noexcept {
    const std::size_t at = in.find(end);
    const std::string_view taken = in.substr(0, at);
    in.remove_prefix(at == std::string_view::npos ? in.size() : at + 1);
    return taken;
}

// In thousandths: "0.5" is 500. 0 for what is no weight (RFC 9110 §12.4.2).
int weight_of(std::string_view text) noexcept {
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return 0;
    int weight = (text[0] - '0') * 1000;
    if (text.size() > 1 && text[1] != '.') return 0;
    int place = 100;
    for (std::size_t i = 2; i < text.size(); ++i, place /= 10) {
        if (text[i] < '0' || text[i] > '9') return 0;
        weight += (text[i] - '0') * place;
    }
    return weight <= 1000 ? weight : 0;
}

constexpr int not_named = -1;

// Weights of the codings in Accept-Encoding.
struct weights {
    int gzip = not_named;
    int brotli = not_named;
    int identity = not_named;
    int rest = not_named; // "*"

    void take(std::string_view element) noexcept {
        const std::string_view coding = trimmed(take_until(element, ';'));
        int weight = 1000;
        if (!element.empty()) {
            const std::string_view name = trimmed(take_until(element, '='));
            weight = iequals(name, "q") ? weight_of(trimmed(element)) : 0;
        }
        if (iequals(coding, "gzip") || iequals(coding, "x-gzip"))
            gzip = std::max(gzip, weight);
        else if (iequals(coding, "br"))
            brotli = std::max(brotli, weight);
        else if (iequals(coding, "identity"))
            identity = std::max(identity, weight);
        else if (coding == "*")
            rest = std::max(rest, weight);
    }

    [[nodiscard]] int or_rest(int weight) const noexcept {
        return weight == not_named ? std::max(rest, 0) : weight;
    }
};

} // namespace

std::string_view to_string(content_coding coding) noexcept {
    switch (coding) {
    case content_coding::identity: return "identity";
    case content_coding::gzip: return "gzip";
    case content_coding::brotli: return "br";
    }
    return "identity";
}

content_coding choose_coding(const field_list& fields, bool has_gzip, bool has_brotli) noexcept {
    weights of;
    for (const field& each : fields) {
        if (!iequals(each.name, "accept-encoding")) continue;
        std::string_view list = each.value;
        while (!list.empty())
            of.take(take_until(list, ','));
    }
    content_coding best = content_coding::identity;
    // Where nobody names it, identity is good, but less so than what is named.
    int most = of.identity == not_named && of.rest == not_named ? 0 : of.or_rest(of.identity) - 1;
    const auto consider = [&](content_coding coding, bool there, int weight) {
        if (!there || weight == 0 || weight <= most) return;
        best = coding;
        most = weight;
    };
    consider(content_coding::brotli, has_brotli, of.or_rest(of.brotli));
    consider(content_coding::gzip, has_gzip, of.or_rest(of.gzip));
    return best;
}

bool has_already(const field_list& fields, std::string_view tag) noexcept {
    for (const field& each : fields) {
        if (!iequals(each.name, "if-none-match")) continue;
        std::string_view list = trimmed(each.value);
        if (list == "*") return true;
        while (!list.empty()) {
            if (list.starts_with("W/")) list.remove_prefix(2);
            const std::size_t end = list.starts_with('"') ? list.find('"', 1) : std::string_view::npos;
            if (end == std::string_view::npos) break;
            if (list.substr(0, end + 1) == tag) return true;
            list.remove_prefix(end + 1);
            if (!trimmed(take_until(list, ',')).empty()) break;
            list = trimmed(list);
        }
    }
    return false;
}

} // namespace sluice::http
