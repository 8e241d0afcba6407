// What AWS answers to those who ask for keys.
#include "providers/aws_credentials.hpp"
#include "providers/request_head.hpp"
#include "providers/slices.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <deque>
#include <utility>
#include <vector>

namespace sluice::providers::aws {

namespace {

tl::unexpected<error> unreadable(std::string_view who) {
    return fail(errc::bad_upstream, std::string("The answer of ").append(who).append(" cannot be read."));
}

// Keys stand in heads: what cannot is none.
bool is_usable(const credential& of) noexcept {
    const std::string_view session = of.session.reveal();
    return is_visible(of.key_id) && is_visible(of.token.reveal()) && (session.empty() || is_visible(session));
}

// The elements of an XML text one by one, as far as AWS's answers need them: tags, attributes that are passed
// over, texts with entities. Declarations, comments and CDATA are refused.
class xml_reader {
public:
    explicit xml_reader(std::string_view text)
        : rest_(text) {}

    // Goes on to the next tag; false at the end and where the text is not such XML.
    bool next();
    [[nodiscard]] bool is_end_tag() const noexcept { return is_end_; }
    [[nodiscard]] std::string_view name() const noexcept { return name_; }
    // What stood before the tag, with its entities as they are.
    [[nodiscard]] std::string_view text() const noexcept { return text_; }

private:
    std::string_view rest_;
    std::string_view text_;
    std::string_view name_;
    bool is_end_ = false;
};

bool xml_reader::next() {
    while (true) {
        const std::size_t open = rest_.find('<');
        if (open == std::string_view::npos) return false;
        text_ = rest_.substr(0, open);
        rest_.remove_prefix(open + 1);
        if (!rest_.starts_with('?')) break;
        const std::size_t end = rest_.find("?>"); // <?xml version="1.0"?>
        if (end == std::string_view::npos) return false;
        rest_.remove_prefix(end + 2);
    }
    // The end of the tag, not one in the quotes of an attribute.
    std::size_t end = 0;
    char quote = 0;
    for (; end < rest_.size(); ++end) {
        const char c = rest_[end];
        if (quote != 0) {
            if (c == quote) quote = 0;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '>') {
            break;
        }
    }
    if (end == rest_.size()) return false;
    std::string_view tag = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    is_end_ = tag.starts_with('/');
    if (is_end_) tag.remove_prefix(1);
    name_ = tag.substr(0, tag.find_first_of(" \t\r\n"));
    const bool is_element = !name_.empty() && !tag.starts_with('!') && !tag.ends_with('/');
    return is_element;
}

// Nullopt: an entity that XML does not define.
std::optional<std::string> without_entities(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, char>, 5> entities = {
        {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}}};
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        if (text.front() != '&') {
            out += text.front();
            text.remove_prefix(1);
            continue;
        }
        const auto* const found = std::find_if(entities.begin(), entities.end(), [text](const auto& each) {
            return text.starts_with(each.first);
        });
        if (found == entities.end()) return std::nullopt;
        out += found->second;
        text.remove_prefix(found->first.size());
    }
    return out;
}

constexpr std::array<std::string_view, 4> key_names = {
    "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"};

// The four texts, by the order of key_names; false when the elements do not fit into each other.
bool read_elements(std::string_view body, std::string_view action, std::array<std::string_view, 4>& out) {
    constexpr std::size_t deepest = 16;
    const std::string response = std::string(action).append("Response");
    const std::string outcome = std::string(action).append("Result");
    const std::array<std::string_view, 3> path_to_keys = {response, outcome, "Credentials"};
    xml_reader in(body);
    std::vector<std::string_view> open;
    while (in.next()) {
        if (!in.is_end_tag()) {
            if (open.size() == deepest) return false;
            open.push_back(in.name());
            continue;
        }
        if (open.empty() || open.back() != in.name()) return false;
        const bool is_key = open.size() == path_to_keys.size() + 1 &&
                            std::equal(path_to_keys.begin(), path_to_keys.end(), open.begin());
        for (std::size_t i = 0; is_key && i < key_names.size(); ++i) {
            if (open.back() == key_names[i]) out[i] = in.text();
        }
        open.pop_back();
        if (open.empty()) return true;
    }
    return false;
}

// `width` digits at `at`.
std::optional<unsigned> number_at(std::string_view text, std::size_t at, std::size_t width) noexcept {
    unsigned value = 0;
    const std::string_view digits = text.substr(at, width);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.size() != width || read.ptr != digits.data() + width) return std::nullopt;
    return value;
}

} // namespace

std::optional<wall_ms> read_time(std::string_view text) noexcept {
    using namespace std::chrono;
    constexpr std::string_view shape = "0000-00-00T00:00:00";
    if (text.size() <= shape.size() || text.back() != 'Z') return std::nullopt;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (shape[i] != '0' && text[i] != shape[i]) return std::nullopt;
    }
    const std::string_view fraction = text.substr(shape.size(), text.size() - shape.size() - 1);
    if (!fraction.empty() && (fraction.size() < 2 || fraction.front() != '.' ||
                              fraction.find_first_not_of("0123456789", 1) != std::string_view::npos))
        return std::nullopt;
    const auto years = number_at(text, 0, 4);
    const auto month_of_year = number_at(text, 5, 2);
    const auto day_of_month = number_at(text, 8, 2);
    const auto hour = number_at(text, 11, 2);
    const auto minute = number_at(text, 14, 2);
    const auto second = number_at(text, 17, 2);
    if (!years || !month_of_year || !day_of_month || !hour || !minute || !second) return std::nullopt;
    const year_month_day date{year(static_cast<int>(*years)), month(*month_of_year), day(*day_of_month)};
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    const auto time = sys_days(date) + hours(*hour) + minutes(*minute) + std::chrono::seconds(*second);
    return duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

result<credential> read_assumed_role(std::string_view body, std::string_view action) {
    constexpr std::string_view who = "the security token service of AWS";
    std::array<std::string_view, 4> texts;
    if (!read_elements(body, action, texts)) return unreadable(who);
    credential out;
    std::array<secret_string*, 2> secrets = {&out.token, &out.session};
    for (std::size_t i = 0; i < secrets.size(); ++i) {
        auto text = without_entities(texts[i + 1]);
        if (!text || text->empty()) return unreadable(who);
        *secrets[i] = secret_string(*text);
        wipe(*text);
    }
    out.key_id = texts[0];
    const auto expires = read_time(texts[3]);
    if (!expires || !is_usable(out)) return unreadable(who);
    out.expires = *expires;
    return out;
}

result<credential> read_base_keys(std::string_view body) {
    constexpr std::string_view who = "the metadata service of AWS";
    slices tree;
    if (!tree.read(body, author::upstream)) return unreadable(who);
    std::deque<std::string> texts;
    const auto text = [&](std::string_view name) { return tree.root()[name].text(texts).value_or(""); };
    credential out;
    out.key_id = text("AccessKeyId");
    out.token = secret_string(text("SecretAccessKey"));
    out.session = secret_string(text("Token"));
    if (!is_usable(out)) return unreadable(who);
    out.expires = read_time(text("Expiration")).value_or(0);
    return out;
}

} // namespace sluice::providers::aws
