"""What schemathesis does here beside what it does anyway; test_openapi_fuzz.py says where it finds this file.

In half of its requests the names and ids that it makes up are replaced by those of things that exist, every fourth gets a
header and every eighth body a member that the document does not have, and three checks are added. All of it follows from
the case and its number, so that a run can be repeated.
"""

from __future__ import annotations

import atexit
import functools
import itertools
import json
import os
import urllib.parse
import zlib

import schemathesis

import processes
import rest

# What there is: the meaning of a name → values. Those at the same place of all lists belong together: a user's id and name.
EXISTING: dict[str, list] = json.loads(os.environ["OPENAPI_FUZZ_EXISTING"])

CONFIG = {"served_entities": [processes.external_entity(name="main")]}

HEADERS = [
    ("Accept", "text/csv"),
    ("Accept", "application/openmetrics-text;q=x, */*;q=0.0"),
    ("Accept", "," * 200),
    ("Content-Encoding", "gzip"),
    ("Content-Type", "text/plain; charset=utf-16"),
    ("User-Agent", "a" * 4000),
    ("User-Agent", "\xff\xfe"),
    ("Cookie", "a=" + "b" * 2000),
    ("X-Forwarded-Proto", "HTTPS, http"),
    ("X-Request-Id", "../../etc/passwd"),
    ("Expect", "200-ok"),
    ("Range", "bytes=0-0"),
    ("If-None-Match", "*"),
    ("Transfer-Encoding", "identity"),
]


def nested(levels: int):
    inside: object = {}
    for _ in range(levels):
        inside = [inside]
    return inside


STRANGE_MEMBERS = [
    ("", 0),
    ("\x00", "\x00"),
    ("deep", nested(60)),
    ("deeper", nested(200)),
    ("\u2028", 1e308),
    ("big", 10**40),
]


def number_of(case, salt: str) -> int:
    """Spread evenly, and the same in each run."""
    made_up = {name: value for name, value in case.headers.items() if name.lower() != "authorization"}
    parts = [salt, case.method, case.path, case.path_parameters, case.query, case.body, made_up]
    text = json.dumps(parts, default=lambda other: type(other).__name__)
    return zlib.crc32(text.encode("utf-8", "replace"))


def meanings(operation) -> dict[str, str]:
    """What a name means here, where that is not what it says."""
    path = operation.path
    if operation.tags == ["queries"]:
        only_chats = path.endswith(("/responses", "/messages"))
        return {"name": "query_name", "model": "chat_name" if only_chats else "query_name"}
    if operation.method == "post" and path.rstrip("/") == "/api/2.0/serving-endpoints":
        return {"name": "new_name", "key": "limit_key"}
    if path == "/oidc/v1/token":
        return {"scope": "oauth_scope"}
    if path == "/api/2.0/sluice/session":
        return {"token": "sign_in_token"}
    if operation.method == "post" and path.endswith("/scopes/create"):
        return {"scope": "new_name"}
    for part, kind in (
        ("Users", "user"),
        ("Groups", "group"),
        ("rincipals", "service_principal"),
        ("permissions", "endpoint"),
    ):
        if part in path:
            made = "new_name" if operation.method == "post" else kind + "_name"
            names = {"userName": made, "applicationId": made, "displayName": made if kind == "group" else ""}
            return {
                "id": kind + "_id",
                "value": "user_id" if kind == "group" else "",
                "name": "",
                "key": "",
                **names,
            }
    return {} if "secrets" in path else {"key": "limit_key"}


def replaced(value, names: dict[str, str], place: int):
    """`value` with what stands behind a name that means something replaced."""
    if isinstance(value, list):
        return [replaced(each, names, place) for each in value]
    if not isinstance(value, dict):
        return value
    out = {}
    for name, member in value.items():
        there = EXISTING.get(names.get(name, name))
        known = there and not isinstance(member, (dict, list))
        out[name] = there[place % len(there)] if known else replaced(member, names, place)
    return out


def aim(case, place: int) -> None:
    names = meanings(case.operation)
    for part in ("path_parameters", "query", "body"):
        value = getattr(case, part)
        if isinstance(value, (dict, list)):
            setattr(case, part, replaced(value, names, place))
    if case.operation.path.endswith("config:cancel"):
        begin_update(case)
    if case.operation.path.startswith("/api/2.0/secrets/"):
        restore_secret(case)


def begin_update(case) -> None:
    """So that there is something to cancel."""
    name = case.path_parameters["name"]
    path = f"/api/2.0/serving-endpoints/{urllib.parse.quote(name, safe='')}/config"
    rest.call(os.environ["OPENAPI_FUZZ_URL"], "PUT", path, CONFIG, token=os.environ["OPENAPI_FUZZ_TOKEN"])


def restore_secret(case) -> None:
    """So that the scope is there, with a key, whatever was deleted before."""
    given = case.query if case.method == "GET" else case.body
    scope = given.get("scope") if isinstance(given, dict) else None
    if scope not in EXISTING["scope"]:
        return
    for call, body in (
        ("scopes/create", {"scope": scope}),
        ("put", {"scope": scope, "key": "key", "string_value": "value"}),
    ):
        path = f"/api/2.0/secrets/{call}"
        rest.call(os.environ["OPENAPI_FUZZ_URL"], "POST", path, body, token=os.environ["OPENAPI_FUZZ_TOKEN"])


calls = itertools.count()


@schemathesis.hook
def before_call(context, case, **kwargs):
    # Before anything is replaced: ids differ from run to run.
    existing, member, header = (
        number_of(case, salt) for salt in ("existing", "member", f"header {next(calls)}")
    )
    if existing % 2:
        aim(case, existing // 2)
    if isinstance(case.body, dict) and member % 8 == 0:
        name, value = STRANGE_MEMBERS[member // 8 % len(STRANGE_MEMBERS)]
        case.body = {**case.body, name: value}
    if header % 4 == 0:
        name, value = HEADERS[header // 4 % len(HEADERS)]
        case.headers[name] = value


# "GET /path" → status → how often
answers: dict[str, dict[str, int]] = {}


@schemathesis.hook
def after_call(context, case, response):
    of = answers.setdefault(f"{case.method} {case.operation.path}", {})
    of[str(response.status_code)] = of.get(str(response.status_code), 0) + 1


@atexit.register
def write_answers() -> None:
    with open(os.environ["OPENAPI_FUZZ_ANSWERS"], "w", encoding="utf-8") as file:
        json.dump(answers, file, indent=1)


# ---- checks


def resolved(document: dict, schema: dict) -> dict:
    while "$ref" in schema:
        at: dict = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            at = at[step.replace("~1", "/").replace("~0", "~")]
        schema = at
    return schema


def undocumented(document: dict, schema: dict, value, where: str = "") -> list[str]:
    """Members of an answer that its schema does not name. `additionalProperties: true` says that any may come."""
    schema = resolved(document, schema)
    for either in ("anyOf", "oneOf"):
        if either in schema:
            return min((undocumented(document, one, value, where) for one in schema[either]), key=len)
    found = []
    if isinstance(value, list) and "items" in schema:
        for each in value:
            found += undocumented(document, schema["items"], each, where + "[]")
    if isinstance(value, dict) and "object" in schema.get("type", ()):
        known, other = schema.get("properties", {}), schema.get("additionalProperties", False)
        for name, member in value.items():
            if name in known:
                found += undocumented(document, known[name], member, f"{where}.{name}")
            elif isinstance(other, dict):
                found += undocumented(document, other, member, f"{where}.{name}")
            elif not other:
                found.append(f"{where}.{name}")
    return found


@functools.cache
def whole_document() -> dict:
    with open(os.environ["OPENAPI_FUZZ_DOCUMENT"], encoding="utf-8") as file:
        return json.load(file)


def item_of(case) -> dict:
    return whole_document()["paths"][case.operation.path]


@schemathesis.check
def no_undocumented_member(ctx, response, case):
    operation = item_of(case).get(case.method.lower())
    if operation is None:
        return None
    documented = operation["responses"].get(str(response.status_code))
    if documented is None or not response.headers.get("content-type", [""])[0].startswith("application/json"):
        return None
    schema = resolved(whole_document(), documented)["content"]["application/json"]["schema"]
    found = undocumented(whole_document(), schema, json.loads(response.content))
    assert not found, f"not documented: {sorted(set(found))}"


@schemathesis.check
def other_methods_are_unknown(ctx, response, case):
    """A method that a path does not have is refused as if there were no such path."""
    if case.method.lower() in item_of(case):
        return None
    assert response.status_code in (400, 401, 404), f"{case.method} answers {response.status_code}"
    if response.status_code == 404 and response.content:
        assert json.loads(response.content)["error_code"] == "ENDPOINT_NOT_FOUND"


def typed_events_conformance(lines: list[str]) -> None:
    """Of Messages and Responses: pairs of lines, an `event:` and its `data:`, whose JSON has the event's name as its
    type; nothing follows the last event or an error."""
    assert len(lines) % 2 == 0, lines[-3:]
    last = ("message_stop", "response.completed", "response.incomplete", "response.failed", "error")
    names = [line.removeprefix("event: ") for line in lines[::2]]
    for name, named, data in zip(names, lines[::2], lines[1::2]):
        assert named.startswith("event: ") and data.startswith("data: "), (named, data[:50])
        assert json.loads(data.removeprefix("data: "))["type"] == name
    assert not any(name in last for name in names[:-1]), names


@schemathesis.check
def event_stream_conformance(ctx, response, case):
    """Only `data:` lines and blank ones; each but the last holds a JSON object with the chunk's choices or an error. Of a
    long stream schemathesis reads the beginning."""
    if not response.headers.get("content-type", [""])[0].startswith("text/event-stream"):
        return None
    lines = [line for line in response.content.decode().split("\n") if line]
    if case.operation.path.endswith(("/messages", "/responses")):
        return typed_events_conformance(lines)
    assert all(line.startswith("data: ") for line in lines), lines[:5]
    events = [line.removeprefix("data: ") for line in lines]
    parsed = [json.loads(event) for event in events if event != "[DONE]"]
    assert all("choices" in event or "error" in event for event in parsed)
    assert "[DONE]" not in events[:-1]
    if "[DONE]" in events:
        assert not any("error" in event for event in parsed)
