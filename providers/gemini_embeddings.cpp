// Answers to embeddings calls (providers.md §7.9).
#include "providers/answer_pieces.hpp"
#include "providers/embedding_vectors.hpp"
#include "providers/gemini.hpp"
#include "providers/list_parts.hpp"

#include <utility>

namespace sluice::providers::gemini {

namespace {

constexpr vector_places predictions = {"predictions", "embeddings", "values"};
constexpr vector_places embed_content = {"", "embedding", "values"};

} // namespace

result<answer> read_embeddings(const unified::call& call,
                               const target& to,
                               const answer_context& context,
                               std::string_view body) {
    embeddings_writer writer(wants_base64(call));
    vectors_found found;
    const bool good =
        read_vectors(body, uses_embed_content(to.model) ? embed_content : predictions, writer, found);
    tally used;
    used.prompt = found.prompt ? found.prompt : found.tokens;
    if (found.is_error || !good || writer.size() != count_items(call))
        return unusable(to, context, used, body);
    answer out;
    out.used = to_usage(used);
    out.rewritten = std::move(writer).finish(to.model, used);
    return out;
}

} // namespace sluice::providers::gemini
