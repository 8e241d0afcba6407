#include "providers/held_calls.hpp"

#include "providers/client_texts.hpp"

#include <algorithm>

namespace sluice::providers {

namespace {

constexpr std::size_t most_bytes = std::size_t{1024} * 1024;

} // namespace

bool held_calls::has_room(std::size_t size) noexcept {
    if (size > most_bytes - bytes_) return false;
    bytes_ += size;
    return true;
}

bool held_calls::begin(const call_piece& piece) {
    if (!has_room(sizeof(call) + piece.id.size() + piece.name.size() + piece.arguments.size())) return false;
    calls_.push_back(
        {piece.index, std::string(piece.id), std::string(piece.name), std::string(piece.arguments)});
    return true;
}

bool held_calls::more(const call_piece& piece) {
    const auto at =
        std::lower_bound(calls_.begin(), calls_.end(), piece.index, [](const call& each, std::size_t index) {
            return each.index < index;
        });
    if (at == calls_.end() || at->index != piece.index || !has_room(piece.arguments.size())) return false;
    at->arguments += piece.arguments;
    return true;
}

bool may_go_on(std::string_view arguments, std::string& scratch) {
    if (arguments.find('{') != std::string_view::npos && client::read_arguments(arguments, scratch))
        return false;
    return arguments.empty() || std::string_view("{ \\").find(arguments.front()) != std::string_view::npos;
}

} // namespace sluice::providers
