// A copy of a text with exactly the padding that parsers ask for, so that ASan sees a read beyond it. The
// padding holds what would complete a cut text, the worst that can lie there.
#pragma once

#include "core/json/reader.hpp"

#include <algorithm>
#include <memory>
#include <string_view>

namespace sluice::providers {

class padded {
public:
    explicit padded(std::string_view text)
        : size_(text.size())
        , bytes_(std::make_unique<char[]>(text.size() + json::padding)) {
        std::copy(text.begin(), text.end(), bytes_.get());
        std::fill_n(bytes_.get() + size_, json::padding, '}');
    }
    [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }

private:
    std::size_t size_;
    std::unique_ptr<char[]> bytes_;
};

} // namespace sluice::providers
