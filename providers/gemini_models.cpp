// What the generations of Gemini take (providers.md §7.4-§7.6, §7.9). The one place to change when a model
// comes.
#include "providers/gemini.hpp"

#include <charconv>

namespace sluice::providers::gemini {

namespace {

struct generation {
    int major = 0; // 0: the name does not tell
    int minor = 0;

    [[nodiscard]] bool is_from(int wanted_major, int wanted_minor) const noexcept {
        return major > wanted_major || (major == wanted_major && minor >= wanted_minor);
    }
};

// "gemini-2.5-flash", "gemini-3-pro-preview".
generation generation_of(std::string_view model) noexcept {
    constexpr std::string_view family = "gemini-";
    generation out;
    const std::size_t at = model.find(family);
    if (at == std::string_view::npos) return out;
    model.remove_prefix(at + family.size());
    const char* const begin = model.data();
    const char* const end = begin + model.size();
    const auto major = std::from_chars(begin, end, out.major);
    if (major.ec != std::errc() || major.ptr == end || *major.ptr != '.') return out;
    std::from_chars(major.ptr + 1, end, out.minor);
    return out;
}

bool has(std::string_view model, std::string_view part) noexcept {
    return model.find(part) != std::string_view::npos;
}

} // namespace

model_traits traits_of(std::string_view model) noexcept {
    const generation of = generation_of(model);
    model_traits traits;
    if (of.is_from(3, 0)) {
        traits.thinks = thinking::level;
        traits.takes_penalties = false;
        traits.has_call_ids = true;
        traits.wants_signature = true;
    } else if (of.is_from(2, 5)) {
        traits.thinks = thinking::budget;
    }
    traits.takes_signature = of.is_from(2, 5);
    traits.is_lite = has(model, "flash-lite");
    traits.is_flash = has(model, "flash");
    traits.is_pro = has(model, "-pro");
    return traits;
}

bool uses_embed_content(std::string_view model) noexcept {
    return model.starts_with("gemini-embedding-2");
}

std::size_t most_texts(std::string_view model) noexcept {
    constexpr std::size_t usual = 250;
    return model.starts_with("gemini-embedding-") ? 1 : usual;
}

} // namespace sluice::providers::gemini
