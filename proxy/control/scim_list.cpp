#include "proxy/control/scim_list.hpp"

#include "proxy/control/body.hpp"
#include "proxy/control/secrets_names.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

namespace sluice::control {

namespace {

using boost::json::object;

std::vector<std::string> names_of(std::string_view list) {
    std::vector<std::string> out;
    while (!list.empty()) {
        const std::size_t end = std::min(list.find(','), list.size());
        std::string_view name = list.substr(0, end);
        while (name.starts_with(' '))
            name.remove_prefix(1);
        while (name.ends_with(' '))
            name.remove_suffix(1);
        // A sub-attribute stands for its attribute.
        if (!name.empty()) out.push_back(lower_case(name.substr(0, name.find('.'))));
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return out;
}

bool has_name(const std::vector<std::string>& list, std::string_view name) {
    return std::ranges::find(list, lower_case(name)) != list.end();
}

std::string sort_key(const object& resource, const std::string& by) {
    const boost::json::value* found = find_attribute(resource, by);
    if (!found) return {};
    if (found->is_string()) return lower_case({found->get_string().data(), found->get_string().size()});
    return boost::json::serialize(*found);
}

} // namespace

result<scim_query> scim_query::parse(const object& query) {
    findings found;
    const members from(query, "", found);
    scim_query out;
    if (const std::optional<std::string> text = from.text("filter"); text && !text->empty()) {
        result<scim_filter> parsed = scim_filter::parse(*text);
        if (!parsed) return fail(parsed.error());
        out.filter_ = std::move(*parsed);
        out.filter_text_ = lower_case(*text);
    }
    // RFC 7644: a startIndex below 1 is 1, a negative count is 0.
    out.start_ = static_cast<std::size_t>(std::max<std::int64_t>(1, from.integer("startIndex").value_or(1)));
    const auto most = static_cast<std::int64_t>(max_count);
    out.count_ =
        static_cast<std::size_t>(std::clamp<std::int64_t>(from.integer("count").value_or(most), 0, most));
    out.sort_by_ = lower_case(from.text("sortBy").value_or(""));
    const std::string order = lower_case(from.text("sortOrder").value_or("ascending"));
    if (order != "ascending" && order != "descending") {
        found.refuse("'sortOrder' must be ascending or descending.");
    }
    out.descending_ = order == "descending";
    out.only_ = names_of(from.text("attributes").value_or(""));
    out.without_ = names_of(from.text("excludedAttributes").value_or(""));
    if (auto ok = found.verdict(); !ok) return fail(ok.error());
    return out;
}

bool scim_query::wants(std::string_view attribute) const {
    if (filter_ && filter_text_.find(lower_case(attribute)) != std::string::npos) return true;
    if (lower_case(attribute) == sort_by_) return true;
    return (only_.empty() || has_name(only_, attribute)) && !has_name(without_, attribute);
}

std::optional<std::string> scim_query::equal_text(std::string_view attribute) const {
    return filter_ ? filter_->equal_text(attribute) : std::nullopt;
}

object scim_query::answer(const std::vector<std::int64_t>& ids, const maker& make) const {
    std::size_t total = ids.size();
    std::size_t begin = std::min(start_ - 1, total);
    std::vector<object> resources;
    if (filter_ || !sort_by_.empty()) {
        for (const std::int64_t id : ids) {
            object each = make(id);
            if (!filter_ || filter_->matches(each)) resources.push_back(std::move(each));
        }
        order(resources);
        total = resources.size();
        begin = std::min(begin, total);
        resources.erase(resources.begin(), resources.begin() + static_cast<std::ptrdiff_t>(begin));
        resources.resize(std::min(count_, resources.size()));
    } else {
        for (std::size_t i = begin; i < total && i - begin < count_; ++i)
            resources.push_back(make(ids[i]));
    }
    boost::json::array page;
    for (object& each : resources)
        page.push_back(shown(std::move(each)));
    const auto on_page = static_cast<std::int64_t>(page.size());
    return object{{"schemas", boost::json::array{"urn:ietf:params:scim:api:messages:2.0:ListResponse"}},
                  {"Resources", std::move(page)},
                  {"totalResults", static_cast<std::int64_t>(total)},
                  {"startIndex", static_cast<std::int64_t>(start_)},
                  {"itemsPerPage", on_page}};
}

void scim_query::order(std::vector<object>& resources) const {
    if (sort_by_.empty()) return;
    // Equal ones stay in the order of their ids.
    std::vector<std::pair<std::string, std::size_t>> keys;
    keys.reserve(resources.size());
    for (std::size_t i = 0; i < resources.size(); ++i)
        keys.emplace_back(sort_key(resources[i], sort_by_), i);
    std::ranges::sort(keys, [this](const auto& a, const auto& b) {
        if (a.first == b.first) return a.second < b.second;
        return descending_ ? b.first < a.first : a.first < b.first;
    });
    std::vector<object> sorted;
    sorted.reserve(resources.size());
    for (const auto& [key, i] : keys)
        sorted.push_back(std::move(resources[i]));
    resources = std::move(sorted);
}

object scim_query::shown(object resource) const {
    if (only_.empty() && without_.empty()) return resource;
    object out;
    for (const auto& member : resource) {
        const std::string_view name(member.key().data(), member.key().size());
        const bool always = name == "id" || name == "schemas";
        if (always || ((only_.empty() || has_name(only_, name)) && !has_name(without_, name))) {
            out[member.key()] = member.value();
        }
    }
    return out;
}

} // namespace sluice::control
