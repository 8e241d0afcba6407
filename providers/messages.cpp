#include "providers/messages.hpp"

namespace sluice::providers {

namespace {

class messages_dialect final : public client_translator {
public:
    result<void> to_chat(std::string_view body, bool with_thoughts, std::string& chat) const override {
        return messages::write_chat(body, with_thoughts, chat);
    }
    result<std::string> from_answer(std::string_view /*request*/,
                                    std::string_view answer,
                                    const answer_context& context) const override {
        return messages::write_message(answer, context);
    }
    std::unique_ptr<event_translation> make_events(std::string_view /*request*/,
                                                   const answer_context& context) const override {
        return messages::make_events(context);
    }
};

} // namespace

const client_translator& messages_translator() noexcept {
    static const messages_dialect only;
    return only;
}

} // namespace sluice::providers
