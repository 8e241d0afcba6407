// Images that a model has made, in OpenAI's schema: the member `images` of a message or a delta, in the form
// that OpenRouter and LiteLLM made usual. Of a message, the pieces of a stream count on.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sluice::providers {

// Appends an element, with a comma before it when the list has one already. `url`: JSON, with its quotes.
void append_image(std::string& list, std::size_t index, std::string_view url);

// The URL of an image that an upstream gives with its type; empty when it is of another type. Both texts as
// they are, or both as they stand in JSON.
[[nodiscard]] std::string image_url(std::string_view media_type, std::string_view base64);

} // namespace sluice::providers
