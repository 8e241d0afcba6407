#include "core/base/base64.hpp"
#include "tests/unit/tools/asking.hpp"
#include "tools/provider/tokens.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>

namespace sluice::sim::tokens_test {
namespace {

using key_pair = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

const key_pair& rsa_key() {
    static const key_pair key(EVP_RSA_gen(2048), &EVP_PKEY_free);
    return key;
}

std::string public_pem() {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
    PEM_write_bio_PUBKEY(out.get(), rsa_key().get());
    char* data = nullptr;
    const long size = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string signed_text(const std::string& text) {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    std::size_t size = 0;
    EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, rsa_key().get());
    EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size());
    std::string out(size, '\0');
    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes, text.size());
    return out;
}

constexpr std::string_view header = R"({"alg":"RS256","typ":"JWT"})";

std::string claims(std::int64_t issued, std::int64_t expires, std::string_view issuer = "g@p") {
    return std::string(R"({"iss":")")
        .append(issuer)
        .append(R"(","scope":"https://www.googleapis.com/auth/cloud-platform",)")
        .append(R"("aud":"http://127.0.0.1:9100/token","iat":)")
        .append(std::to_string(issued))
        .append(R"(,"exp":)")
        .append(std::to_string(expires))
        .append("}");
}

std::string assertion(std::string_view head, std::string_view said) {
    const std::string text = base64url_encode(head) + "." + base64url_encode(said);
    return text + "." + base64url_encode(signed_text(text));
}

asked google(const std::string& jwt) {
    asked a;
    a.target = "/token";
    a.fields = {{"Host", "127.0.0.1:9100"}, {"Content-Type", "application/x-www-form-urlencoded"}};
    a.body = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" + jwt;
    return a;
}

TEST(google_tokens, a_good_assertion_gets_a_token) {
    const access who{.google_key = public_pem(), .google_issuer = "g@p", .token_seconds = 100};
    const auto given = json_of(ask(google(assertion(header, claims(some_time, some_time + 3600))), who));
    EXPECT_EQ(given.at("expires_in"), 100);
    EXPECT_EQ(given.at("token_type"), "Bearer");
    const std::string token = given.at("access_token").as_string().c_str();
    EXPECT_TRUE(is_good_token(token_kind::google, token, some_time + 99));
    EXPECT_FALSE(is_good_token(token_kind::google, token, some_time + 100));
}

TEST(google_tokens, a_bad_assertion_gets_none) {
    const access who{.google_key = public_pem(), .google_issuer = "g@p"};
    const std::string good = assertion(header, claims(some_time, some_time + 3600));
    EXPECT_EQ(status_of(ask(google(good), who)), 200);
    for (const std::string& jwt :
         {good.substr(0, good.size() - 8) + "AAAAAAAA",
          std::string("a.b"),
          assertion(R"({"alg":"HS256","typ":"JWT"})", claims(some_time, some_time + 3600)),
          assertion(header, claims(some_time, some_time + 3601)),
          assertion(header, claims(some_time - 3600, some_time)),
          assertion(header, claims(some_time + 301, some_time + 400)),
          assertion(header, claims(some_time, some_time + 3600, "other@p")),
          assertion(header, R"({"iss":"g@p"})")}) {
        const std::string refused = ask(google(jwt), who);
        EXPECT_EQ(status_of(refused), 400) << jwt;
        EXPECT_EQ(json_of(refused).at("error"), "invalid_grant");
    }
    asked a = google(good);
    a.fields[0].second = "other:1";
    EXPECT_EQ(json_of(ask(a, who)).at("error"), "invalid_grant");
    a = google(good);
    a.body = "assertion=" + good;
    EXPECT_EQ(json_of(ask(a, who)).at("error"), "unsupported_grant_type");
    a = google(good);
    a.fields[1].second = "application/json";
    EXPECT_EQ(json_of(ask(a, who)).at("error"), "invalid_request");
    a = google(good);
    a.fields.emplace_back("x-sim", "e503");
    EXPECT_EQ(status_of(ask(a, who)), 503);
}

asked entra(std::string_view body) {
    asked a;
    a.target = "/tenant-1/oauth2/v2.0/token";
    a.fields = {{"Content-Type", "application/x-www-form-urlencoded"}};
    a.body = body;
    return a;
}

TEST(entra_tokens, a_clients_secret_gets_a_token_for_azure) {
    const access who{.entra_client = "c", .entra_secret = "s+/="};
    const std::string scope = "&scope=https%3A%2F%2Fcognitiveservices.azure.com%2F.default";
    const std::string good = "grant_type=client_credentials&client_id=c&client_secret=s%2B%2F%3D" + scope;
    const auto given = json_of(ask(entra(good), who));
    const std::string token = given.at("access_token").as_string().c_str();
    for (const auto& [body, status] :
         {std::pair<std::string, int>{"grant_type=password&client_id=c&client_secret=s%2B%2F%3D" + scope,
                                      400},
          {"grant_type=client_credentials&client_id=d&client_secret=s%2B%2F%3D" + scope, 400},
          {"grant_type=client_credentials&client_id=c&client_secret=s" + scope, 401},
          {"grant_type=client_credentials&client_id=c&client_secret=s%2B%2F%3D", 400}})
        EXPECT_EQ(status_of(ask(entra(body), who)), status) << body;

    asked chat;
    chat.target = "/openai/deployments/dep/chat/completions?api-version=1";
    chat.body = R"({"messages":[{"role":"user","content":"x"}]})";
    chat.fields = {{"Content-Type", "application/json"}, {"Authorization", "Bearer " + token}};
    EXPECT_EQ(status_of(ask(chat, who)), 200);
    EXPECT_EQ(status_of(ask(chat, who, some_time + 3600)), 401);
    chat.fields[1].second = "Bearer made-up";
    EXPECT_EQ(status_of(ask(chat, who)), 401);
}

} // namespace
} // namespace sluice::sim::tokens_test
