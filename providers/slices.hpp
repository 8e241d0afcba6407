// A JSON text as a tree of views into it: every value keeps its own text, so that numbers, schemas and base64
// data go on as they came. For requests that are translated and for whole answers, not for events of a
// stream.
#pragma once

#include "core/base/error.hpp"
#include "providers/walk.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::providers {

// Who wrote the text: a client may not repeat a member (bad_request), of an upstream the last one counts.
enum class author : std::uint8_t { client, upstream };

class slices {
public:
    class node;
    class range;

    slices() = default;
    slices(const slices&) = delete;
    slices& operator=(const slices&) = delete;

    // Reads an object. json::padding bytes behind `json` must be readable; `json` must outlive the tree.
    // Error bad_request, or of an upstream bad_upstream, with a plain sentence.
    [[nodiscard]] result<void> read(std::string_view json, author by);

    // The outermost object; after a good read().
    [[nodiscard]] node root() const noexcept;

private:
    struct entry {
        std::string_view key; // decoded; empty in a list
        std::string_view raw;
        std::size_t next = 0; // index behind this value and all that is in it
        walk::kind type = walk::kind::invalid;
        bool hidden = false; // a later member has its name
    };
    class builder;

    std::vector<entry> entries_;   // in the order of the text
    std::deque<std::string> keys_; // those with escapes, decoded
};

// One value, or none: reading a member that is not there gives a node that is absent. Cheap to copy; good as
// long as the tree.
class slices::node {
public:
    node() = default;

    // There, and not null.
    [[nodiscard]] explicit operator bool() const noexcept { return type() > walk::kind::invalid; }
    [[nodiscard]] walk::kind type() const noexcept; // invalid: absent or null
    [[nodiscard]] bool is_null() const noexcept;    // there, and null
    [[nodiscard]] bool is(walk::kind wanted) const noexcept { return type() == wanted; }
    [[nodiscard]] std::string_view raw() const noexcept; // its text; empty when absent
    [[nodiscard]] std::string_view key() const noexcept; // of a member

    // A member of an object; absent when this is no object.
    [[nodiscard]] node operator[](std::string_view name) const noexcept;
    // The elements of a list or the members of an object, in order, nulls too.
    [[nodiscard]] range items() const noexcept;

    // A string's text; nullopt for any other type. `store` keeps what had escapes.
    [[nodiscard]] std::optional<std::string_view> text(std::deque<std::string>& store) const;
    [[nodiscard]] std::optional<double> number() const noexcept;
    [[nodiscard]] std::optional<std::int64_t> integer() const noexcept; // as walk::to_integer
    [[nodiscard]] std::optional<std::int64_t> count() const noexcept;   // as walk::to_count
    [[nodiscard]] std::optional<bool> boolean() const noexcept;

private:
    friend class slices;
    friend class range;
    node(const slices* in, std::size_t at)
        : in_(in)
        , at_(at) {}
    [[nodiscard]] const entry& self() const noexcept { return in_->entries_[at_]; }

    const slices* in_ = nullptr;
    std::size_t at_ = 0;
};

class slices::range {
public:
    class iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = node;
        using difference_type = std::ptrdiff_t;
        using pointer = void;
        using reference = node;

        iterator(const slices* in, std::size_t at, std::size_t end)
            : in_(in)
            , at_(at)
            , end_(end) {
            skip_hidden();
        }
        [[nodiscard]] node operator*() const noexcept { return {in_, at_}; }
        iterator& operator++() noexcept {
            at_ = in_->entries_[at_].next;
            skip_hidden();
            return *this;
        }
        friend bool operator==(const iterator& a, const iterator& b) noexcept { return a.at_ == b.at_; }

    private:
        void skip_hidden() noexcept {
            while (at_ != end_ && in_->entries_[at_].hidden)
                at_ = in_->entries_[at_].next;
        }

        const slices* in_;
        std::size_t at_;
        std::size_t end_;
    };

    range(const slices* in, std::size_t begin, std::size_t end)
        : in_(in)
        , begin_(begin)
        , end_(end) {}
    [[nodiscard]] iterator begin() const noexcept { return {in_, begin_, end_}; }
    [[nodiscard]] iterator end() const noexcept { return {in_, end_, end_}; }
    [[nodiscard]] bool empty() const noexcept { return begin() == end(); }

private:
    const slices* in_;
    std::size_t begin_;
    std::size_t end_;
};

// Appends a value's text without the blanks between its tokens.
void append_minified(std::string& out, std::string_view json);

} // namespace sluice::providers
