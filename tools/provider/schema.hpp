// Checking the members of a JSON request by a table, as strictly as an API that refuses what it does not
// know.
#pragma once

#include "tools/provider/call.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sluice::sim {

namespace json = boost::json;

enum class want : std::uint8_t { text, integer, number, boolean, object, list, texts, any };

struct rule {
    std::string_view name;
    want type = want::any;
    bool required = false;
    double least = -std::numeric_limits<double>::infinity(); // of a number; of a list its length
    double most = std::numeric_limits<double>::infinity();
};

enum class fault : std::uint8_t { unknown, missing, type, range };

struct problem {
    fault kind = fault::unknown;
    std::string path; // "messages.0.role"
};

// The first problem; a member that is null has the wrong type.
[[nodiscard]] std::optional<problem>
check_members(const json::object& object, std::span<const rule> rules, std::string_view where = {});

// "Missing member 'messages.0.role'." and so on.
[[nodiscard]] std::string sentence_of(const problem& of);

// The body as an object; nullopt when it is none, or nested deeper than 128.
[[nodiscard]] std::optional<json::value> parse_object(std::string_view body);

[[nodiscard]] inline std::string_view view(const json::string& text) noexcept {
    return {text.data(), text.size()};
}
[[nodiscard]] const json::value* member(const json::object& object, std::string_view name);
[[nodiscard]] const json::object* object_member(const json::object& object, std::string_view name);
[[nodiscard]] const json::array* list_member(const json::object& object, std::string_view name);
[[nodiscard]] std::string_view text_member(const json::object& object, std::string_view name);
[[nodiscard]] bool bool_member(const json::object& object, std::string_view name);
[[nodiscard]] std::optional<std::size_t> count_member(const json::object& object, std::string_view name);

// Fills what an answer is made of, message by message.
class conversation {
public:
    explicit conversation(call& out)
        : out_(out) {}
    void said(bool by_user, std::string_view text);
    void end();

private:
    call& out_;
};

// The same of a prompt, or of texts to be embedded.
void add_input(call& out, std::string_view text);

} // namespace sluice::sim
