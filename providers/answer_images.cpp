#include "providers/answer_images.hpp"

#include "core/json/writer.hpp"
#include "providers/sentence.hpp"

#include <cstdint>

namespace sluice::providers {

void append_image(std::string& list, std::size_t index, std::string_view url) {
    if (!list.empty()) list += ',';
    json::object_writer image(list);
    image.number("index", static_cast<std::int64_t>(index));
    image.text("type", "image_url");
    image.key("image_url");
    json::object_writer inside(list);
    inside.raw("url", url);
    inside.close();
    image.close();
}

std::string image_url(std::string_view media_type, std::string_view base64) {
    const bool is_image = media_type.starts_with("image/") || media_type.starts_with("image\\/");
    if (!is_image || base64.empty()) return {};
    return sentence({"data:", media_type, ";base64,", base64});
}

} // namespace sluice::providers
