"""What the vendors' own SDKs say of a request or an answer on the wire: each function takes its JSON and raises what is wrong with
it. Members that the SDK does not know are wrong too."""

from __future__ import annotations

import base64
import collections.abc
import functools
import inspect
import json
import os
import types
import typing

import pydantic
import typing_extensions

from strict import parsed


@functools.cache
def closed(kind):
    """A type of the SDK's parameters as JSON must fit it: an Iterable is a list, which is looked at whole (and no text), a
    TypedDict has no other members, and what only Python can give, such as an open file, is left out."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if typing_extensions.is_typeddict(kind):
        hints = typing.get_type_hints(kind)  # without Required and NotRequired
        members = {
            name: (
                closed(hint)
                if name in kind.__required_keys__
                else typing_extensions.NotRequired[closed(hint)]
            )
            for name, hint in hints.items()
        }
        made = typing_extensions.TypedDict(kind.__name__, members)
        made.__pydantic_config__ = pydantic.ConfigDict(extra="forbid")
        return made
    if origin in (typing.Union, types.UnionType):
        return typing.Union[tuple(closed(one) for one in inner if is_of_json(one))]
    if origin in (collections.abc.Iterable, collections.abc.Sequence, list):
        return list[closed(inner[0])]
    if origin is dict:
        return dict[str, closed(inner[1])]
    return kind


def is_of_json(kind) -> bool:
    """IO and PathLike are files; the SDK's own answers may stand in for parameters."""
    if typing.get_origin(kind) in (typing.IO, os.PathLike):
        return False
    return not (isinstance(kind, type) and issubclass(kind, (pydantic.BaseModel, typing.IO, os.PathLike)))


def anthropic_request(body: dict) -> None:
    from anthropic.types import message_create_params as params

    # Of the version 2023-06-01, which the gateway asks for; the SDK's types are of a later one, which has them no more.
    body = dict(body)
    for name, kind, most in (("temperature", float, 1), ("top_p", float, 1), ("top_k", int, 500)):
        if name in body:
            assert 0 <= parsed(kind, body.pop(name)) <= most, name
    stream = body.get("stream") is True
    kind = params.MessageCreateParamsStreaming if stream else params.MessageCreateParamsNonStreaming
    parsed(closed(kind), body)


def anthropic_answer(body: dict):
    from anthropic.types import Message

    return parsed(Message, body)


def anthropic_event(event: dict):
    from anthropic.types import RawMessageStreamEvent

    return parsed(RawMessageStreamEvent, event)


def no_extras(model, where: str = "$") -> None:
    """For models that let through what they do not know, but remember it."""
    if isinstance(model, list):
        for index, one in enumerate(model):
            no_extras(one, f"{where}[{index}]")
    if isinstance(model, pydantic.BaseModel):
        assert not model.model_extra, f"{where} has the unknown {sorted(model.model_extra)}"
        for name in type(model).model_fields:
            no_extras(getattr(model, name), f"{where}.{name}")


def by_signature(method, body: dict, beside: typing.Collection[str] = ()) -> None:
    """Each member of the body is an argument of the SDK's method, of its type."""
    hints = typing.get_type_hints(method, include_extras=True)
    known = inspect.signature(method).parameters
    for name, value in body.items():
        if name in beside:
            continue
        assert name in known, f"{method.__name__} takes no {name}"
        # Sequence and OMIT's own type are the SDK's; strict JSON has lists.
        no_extras(pydantic.TypeAdapter(hints[name]).validate_json(json.dumps(value)), f"$.{name}")


def cohere_chat(body: dict) -> None:
    from cohere.v2.client import V2Client

    by_signature(V2Client.chat_stream if body.get("stream") else V2Client.chat, body, ("stream",))


def cohere_embed(body: dict) -> None:
    from cohere.v2.client import V2Client

    by_signature(V2Client.embed, body)


def cohere_answer(body: dict):
    from cohere import V2ChatResponse

    return pydantic.TypeAdapter(V2ChatResponse).validate_json(json.dumps(body))


def gemini_request(body: dict) -> None:
    from google.genai import types

    kinds = {
        "contents": list[types.Content],
        "systemInstruction": types.Content,
        "tools": list[types.Tool],
        "toolConfig": types.ToolConfig,
        "generationConfig": types.GenerationConfig,
        "safetySettings": list[types.SafetySetting],
        "labels": dict[str, str],
    }
    assert set(body) <= set(kinds), f"unknown: {sorted(set(body) - set(kinds))}"
    for name, value in body.items():
        # These models are closed: an unknown member, at any depth, raises.
        pydantic.TypeAdapter(kinds[name]).validate_json(json.dumps(value))


def gemini_answer(body: dict):
    from google.genai import types

    return types.GenerateContentResponse.model_validate_json(json.dumps(body))


@functools.cache
def bedrock():
    import botocore.session

    return botocore.session.get_session().get_service_model("bedrock-runtime")


def python_of(shape, value):
    """The JSON of a shape as the SDK's caller gives it: bytes where the wire has base64."""
    if shape.type_name == "blob":
        return base64.b64decode(value, validate=True)
    if (
        shape.type_name == "structure"
        and not getattr(shape, "is_document_type", False)
        and isinstance(value, dict)
    ):
        return {
            name: python_of(shape.members[name], one) if name in shape.members else one
            for name, one in value.items()
        }
    if shape.type_name == "list" and isinstance(value, list):
        return [python_of(shape.member, one) for one in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {name: python_of(shape.value, one) for name, one in value.items()}
    return value


def checked_by_botocore(shape, value) -> None:
    from botocore.validate import ParamValidator

    report = ParamValidator().validate(python_of(shape, value), shape)
    assert not report.has_errors(), report.generate_report()


def converse_request(model: str, body: dict, stream: bool = False) -> None:
    shape = bedrock().operation_model("ConverseStream" if stream else "Converse").input_shape
    checked_by_botocore(shape, {"modelId": model, **body})


def converse_answer(body: dict) -> None:
    checked_by_botocore(bedrock().operation_model("Converse").output_shape, body)


def converse_event(kind: str, event: dict) -> None:
    output = bedrock().operation_model("ConverseStream").output_shape
    # "p" is padding against eavesdroppers, which the SDK leaves out.
    checked_by_botocore(output.members["stream"].members[kind], {k: v for k, v in event.items() if k != "p"})


def signature(
    seen, url: str, key_id: str, secret: str, region: str, session: str | None = None, service="bedrock"
) -> str:
    """The Authorization that botocore gives to the same request at the same time."""
    import datetime
    from unittest import mock

    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    signed = seen.headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    own = ("host", "x-amz-date", "x-amz-security-token")
    headers = {name: seen.headers[name] for name in signed if name not in own}
    request = AWSRequest(seen.method, url + seen.path, headers, seen.body)
    at = datetime.datetime.strptime(seen.headers["x-amz-date"], "%Y%m%dT%H%M%SZ")
    with mock.patch("botocore.auth.get_current_datetime", lambda *args, **kwargs: at):
        SigV4Auth(Credentials(key_id, secret, session), service, region).add_auth(request)
    return request.headers["Authorization"]
