#include "tools/provider/aws_credentials.hpp"

#include "tools/provider/aws_signature.hpp"
#include "tools/provider/text.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace sluice::sim::aws {

namespace {

constexpr std::string_view role_name = "sluice-sim-role";

answer xml(int status, std::string body) {
    answer a;
    a.status = status;
    a.content_type = "text/xml";
    a.body = std::move(body);
    return a;
}

answer sts_error(int status, std::string_view code, std::string_view message) {
    return xml(
        status,
        R"(<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>)" +
            std::string(code) + "</Code><Message>" + std::string(message) +
            "</Message></Error><RequestId>sim</RequestId></ErrorResponse>");
}

std::optional<std::int64_t> number_of(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

bool is_session_name(std::string_view name) {
    return name.size() >= 2 && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      std::string_view("_+=,.@-").find(c) != std::string_view::npos;
           });
}

answer text(int status, std::string body) {
    answer a;
    a.status = status;
    a.content_type = "text/plain";
    a.body = std::move(body);
    return a;
}

bool has_token(const exchange& of) {
    return is_good_token(token_kind::instance, field_value(of.request, "x-aws-ec2-metadata-token"), of.now);
}

} // namespace

answer assume_role(const exchange& of) {
    if (!is_media_type(field_value(of.request, "content-type"), "application/x-www-form-urlencoded"))
        return sts_error(400, "InvalidAction", "The body must be a form.");
    if (const auto refused = refuse_signature(of, "sts"))
        return sts_error(403,
                         refused->code == "UnrecognizedClientException" ? "InvalidClientTokenId"
                                                                        : "SignatureDoesNotMatch",
                         refused->message);
    const auto value = [&of](std::string_view name) {
        return form_value(of.request.body, name).value_or(std::string());
    };
    if (value("Action") != "AssumeRole" || value("Version") != "2011-06-15")
        return sts_error(400, "InvalidAction", "Could not find operation.");
    if (!value("RoleArn").starts_with("arn:aws:iam::") ||
        value("RoleArn").find(":role/") == std::string::npos)
        return sts_error(400, "ValidationError", "RoleArn is invalid");
    if (!is_session_name(value("RoleSessionName")))
        return sts_error(400, "ValidationError", "RoleSessionName is invalid");
    const auto duration = value("DurationSeconds").empty() ? std::optional<std::int64_t>(3600)
                                                           : number_of(value("DurationSeconds"));
    if (!duration || *duration < 900 || *duration > 43'200)
        return sts_error(400, "ValidationError", "DurationSeconds is out of range");
    if (value("RoleArn").find("forbidden") != std::string::npos)
        return sts_error(403, "AccessDenied", "Not authorized to perform: sts:AssumeRole");
    const session given = make_session(of.now + std::min(*duration, of.who.token_seconds));
    return xml(200,
               R"(<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">)"
               "\n  <AssumeRoleResult>\n    <Credentials>\n      <AccessKeyId>" +
                   given.key_id + "</AccessKeyId>\n      <SecretAccessKey>" + given.secret +
                   "</SecretAccessKey>\n      <SessionToken>" + given.token +
                   "</SessionToken>\n      <Expiration>" + iso_time(given.expires) +
                   "</Expiration>\n    </Credentials>\n  </AssumeRoleResult>\n  <ResponseMetadata>"
                   "<RequestId>sim</RequestId></ResponseMetadata>\n</AssumeRoleResponse>\n");
}

answer instance_token(const exchange& of) {
    const auto seconds = number_of(field_value(of.request, "x-aws-ec2-metadata-token-ttl-seconds"));
    if (!seconds || *seconds < 1 || *seconds > 21'600) return text(400, "Bad Request");
    return text(200, make_token(token_kind::instance, of.now + *seconds));
}

answer instance_role(const exchange& of) {
    return has_token(of) ? text(200, std::string(role_name)) : text(401, "Unauthorized");
}

answer instance_credentials(const exchange& of) {
    if (!has_token(of)) return text(401, "Unauthorized");
    if (of.model != role_name) return text(404, "Not Found");
    const session given = make_session(of.now + of.who.token_seconds);
    return text(200,
                R"({"Code":"Success","LastUpdated":")" + iso_time(of.now) +
                    R"(","Type":"AWS-HMAC","AccessKeyId":")" + given.key_id + R"(","SecretAccessKey":")" +
                    given.secret + R"(","Token":")" + given.token + R"(","Expiration":")" +
                    iso_time(given.expires) + "\"}");
}

} // namespace sluice::sim::aws
