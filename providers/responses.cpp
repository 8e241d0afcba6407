#include "providers/responses.hpp"

namespace sluice::providers {

namespace {

class responses_dialect final : public client_translator {
public:
    result<void> to_chat(std::string_view body, bool with_thoughts, std::string& chat) const override {
        return responses::write_chat(body, with_thoughts, chat);
    }
    result<std::string> from_answer(std::string_view request,
                                    std::string_view answer,
                                    const answer_context& context) const override {
        return responses::write_response(request, answer, context);
    }
    std::unique_ptr<event_translation> make_events(std::string_view request,
                                                   const answer_context& context) const override {
        return responses::make_events(request, context);
    }
};

} // namespace

const client_translator& responses_translator() noexcept {
    static const responses_dialect only;
    return only;
}

} // namespace sluice::providers
