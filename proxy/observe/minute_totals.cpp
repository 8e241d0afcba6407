#include "proxy/observe/minute_totals.hpp"

#include "core/base/string_map.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

namespace sluice::observe {

namespace {

void add_counts(time_buckets::counts& to, const time_buckets::counts& other) noexcept {
    for (std::size_t i = 0; i < to.size(); ++i)
        to[i] += other[i];
}

void subtract_counts(time_buckets::counts& from, const time_buckets::counts& earlier) noexcept {
    for (std::size_t i = 0; i < from.size(); ++i)
        from[i] -= earlier[i]; // they wrap round
}

void add_counts(model::metrics_counts& to, const model::metrics_counts& other) noexcept {
    to.requests += other.requests;
    to.errors_4xx += other.errors_4xx;
    to.errors_5xx += other.errors_5xx;
    to.rate_limited += other.rate_limited;
    to.input_tokens += other.input_tokens;
    to.output_tokens += other.output_tokens;
}

// Seven bits a byte, the lowest first.
void append_number(std::string& out, std::uint32_t number) {
    for (; number >= 128U; number >>= 7U)
        out += static_cast<char>((number & 127U) | 128U);
    out += static_cast<char>(number);
}

std::optional<std::uint32_t> take_number(std::string_view& from) noexcept {
    std::uint64_t number = 0;
    for (unsigned shift = 0; shift < 35U && !from.empty(); shift += 7U) {
        const auto byte = static_cast<unsigned char>(from.front());
        from.remove_prefix(1);
        number |= std::uint64_t{byte & 127U} << shift;
        if (byte >= 128U) continue;
        if (number > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
        return static_cast<std::uint32_t>(number);
    }
    return std::nullopt;
}

// How many buckets, then of each the distance from the last one and its count.
void pack(std::string& out, const time_buckets::counts& counts) {
    append_number(out, static_cast<std::uint32_t>(std::ranges::count_if(counts, [](std::uint32_t n) {
                      return n > 0;
                  })));
    std::size_t last = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] == 0) continue;
        append_number(out, static_cast<std::uint32_t>(i - last));
        append_number(out, counts[i]);
        last = i;
    }
}

bool unpack(std::string_view& from, time_buckets::counts& to) noexcept {
    const std::optional<std::uint32_t> used = take_number(from);
    std::size_t at = 0;
    for (std::uint32_t i = 0; used && i < *used; ++i) {
        const std::optional<std::uint32_t> distance = take_number(from);
        const std::optional<std::uint32_t> n = take_number(from);
        if (!distance || !n || *distance >= to.size() - at) return false;
        at += *distance;
        to[at] += *n;
    }
    return used.has_value();
}

// Between the bounds of the bucket that has it, as if what is in it were spread evenly.
double quantile(const time_buckets::counts& counts, std::uint64_t total, double q) noexcept {
    const double rank = std::max(1.0, std::ceil(q * static_cast<double>(total)));
    double before = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        const double inside = counts[i];
        if (inside == 0 || before + inside < rank) {
            before += inside;
            continue;
        }
        const auto low = static_cast<double>(time_buckets::lower_bound(i));
        const auto high = static_cast<double>(time_buckets::lower_bound(i + 1));
        return low + (high - low) * (rank - before - 0.5) / inside;
    }
    return 0;
}

model::metrics_point point_of(const minute_totals& totals) noexcept {
    return {totals.counts,
            percentiles_of(totals.times.latency),
            percentiles_of(totals.times.first_token),
            percentiles_of(totals.times.overhead)};
}

void add_row(std::unique_ptr<minute_totals>& to, const minute_row& row) {
    if (!to) to = std::make_unique<minute_totals>();
    add_counts(to->counts, row.counts);
    (void)add_packed(row.times, to->times); // damaged: what could be read
}

// Which entities the answer has, and where: those of the query, then the busiest others.
string_map<std::size_t> places_of(const std::vector<minute_row>& rows, const model::metrics_query& wanted) {
    string_map<std::size_t> places;
    for (const std::string& name : wanted.entities)
        places.emplace(name, places.size());
    string_map<std::uint64_t> others;
    for (const minute_row& row : rows) {
        if (!row.entity.empty() && !places.contains(row.entity)) others[row.entity] += row.counts.requests;
    }
    std::vector<std::pair<std::string, std::uint64_t>> sorted(others.begin(), others.end());
    std::ranges::sort(sorted, [](const auto& a, const auto& b) {
        return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    for (const auto& [name, requests] : sorted) {
        if (places.size() >= wanted.most_entities) break;
        places.emplace(name, places.size());
    }
    return places;
}

} // namespace

void minute_totals::add(const minute_totals& other) noexcept {
    add_counts(counts, other.counts);
    add_counts(times.latency, other.times.latency);
    add_counts(times.first_token, other.times.first_token);
    add_counts(times.overhead, other.times.overhead);
}

void minute_totals::subtract(const minute_totals& earlier) noexcept {
    counts.requests -= earlier.counts.requests;
    counts.errors_4xx -= earlier.counts.errors_4xx;
    counts.errors_5xx -= earlier.counts.errors_5xx;
    counts.rate_limited -= earlier.counts.rate_limited;
    counts.input_tokens -= earlier.counts.input_tokens;
    counts.output_tokens -= earlier.counts.output_tokens;
    subtract_counts(times.latency, earlier.times.latency);
    subtract_counts(times.first_token, earlier.times.first_token);
    subtract_counts(times.overhead, earlier.times.overhead);
}

minute_totals read_totals(const model::entity_stats& stats) {
    minute_totals out;
    for (const model::entity_slot* slot : stats.slots()) {
        out.counts.requests += slot->all.get();
        out.counts.errors_4xx += slot->all_4xx.get();
        out.counts.errors_5xx += slot->all_5xx.get();
        out.counts.rate_limited += slot->limited.get();
        out.counts.input_tokens += slot->input_tokens.get();
        out.counts.output_tokens += slot->output_tokens.get();
        slot->took.add_to(out.times.latency);
        slot->first_token.add_to(out.times.first_token);
        slot->overhead.add_to(out.times.overhead);
    }
    return out;
}

std::uint64_t read_requests(const model::entity_stats& stats) {
    std::uint64_t out = 0;
    for (const model::entity_slot* slot : stats.slots())
        out += slot->all.get();
    return out;
}

std::string pack_times(const minute_times& times) {
    std::string out;
    pack(out, times.latency);
    pack(out, times.first_token);
    pack(out, times.overhead);
    return out;
}

bool add_packed(std::string_view packed, minute_times& to) noexcept {
    return unpack(packed, to.latency) && unpack(packed, to.first_token) && unpack(packed, to.overhead) &&
           packed.empty();
}

model::metrics_percentiles percentiles_of(const time_buckets::counts& counts) noexcept {
    std::uint64_t total = 0;
    for (const std::uint32_t each : counts)
        total += each;
    if (total == 0) return {};
    return {quantile(counts, total, 0.5), quantile(counts, total, 0.99)};
}

model::metrics_answer summarize(std::vector<minute_row> rows, const model::metrics_query& wanted) {
    std::erase_if(rows, [&wanted](const minute_row& row) {
        const wall_ms at = row.minute * ms_per_minute;
        return at < wanted.start || at >= wanted.end;
    });
    std::ranges::sort(rows, {}, &minute_row::minute);
    const string_map<std::size_t> places = places_of(rows, wanted);
    model::metrics_answer out;
    const auto steps = static_cast<std::size_t>((wanted.end - wanted.start + wanted.step - 1) / wanted.step);
    out.total.points.resize(steps);
    out.entities.resize(places.size());
    for (const auto& [name, place] : places)
        out.entities[place] = {name, std::vector<model::metrics_point>(steps)};
    // Sums of the step that the rows are in; the last one is the total.
    std::vector<std::unique_ptr<minute_totals>> sums(places.size() + 1);
    const auto end_step = [&](std::size_t step) {
        for (std::size_t i = 0; i < sums.size(); ++i) {
            if (!sums[i]) continue;
            model::metrics_series& to = i < places.size() ? out.entities[i] : out.total;
            to.points[step] = point_of(*sums[i]);
            sums[i].reset();
        }
    };
    std::size_t step = 0;
    for (const minute_row& row : rows) {
        const auto mine = static_cast<std::size_t>((row.minute * ms_per_minute - wanted.start) / wanted.step);
        if (mine != step) end_step(step);
        step = mine;
        if (const auto place = places.find(row.entity); place != places.end())
            add_row(sums[place->second], row);
        add_row(sums.back(), row);
    }
    if (steps > 0) end_step(step);
    return out;
}

} // namespace sluice::observe
