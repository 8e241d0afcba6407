"""Checks answers as strictly as the Go clients decode them (CLI, Terraform): a number is a number and never "5", a flag is
true or false, an enum has a known value. The types are those that the Python SDK, generated from the same definitions, declares.
"""

from __future__ import annotations

import dataclasses
import enum
import json
import typing

import pydantic


def mismatches(value, kind, where: str = "$") -> list[str]:
    """Where `value`, a piece of an answer, does not fit the SDK's class or annotation. Members it does not know are fine."""
    origin = typing.get_origin(kind)
    if origin is typing.Union:  # Optional[X]; an absent member is not here at all, and null is as good
        return [] if value is None else mismatches(value, typing.get_args(kind)[0], where)
    if origin is list:
        if not isinstance(value, list):
            return [f"{where} is no list"]
        (item,) = typing.get_args(kind)
        return [one for index, entry in enumerate(value) for one in mismatches(entry, item, f"{where}[{index}]")]
    if origin is dict:
        return [] if isinstance(value, dict) else [f"{where} is no object"]
    if kind is typing.Any:
        return []
    if dataclasses.is_dataclass(kind):
        if not isinstance(value, dict):
            return [f"{where} is no object"]
        hints = typing.get_type_hints(kind)
        return [
            one
            for name, entry in value.items()
            if snake(name) in hints
            for one in mismatches(entry, hints[snake(name)], f"{where}.{name}")
        ]
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return [] if value in [one.value for one in kind] else [f"{where} is {value!r}"]
    if kind is int:
        fits = isinstance(value, int) and not isinstance(value, bool)
    elif kind is float:
        fits = isinstance(value, (int, float)) and not isinstance(value, bool)
    else:
        fits = isinstance(value, kind)
    return [] if fits else [f"{where} is {value!r}, no {kind.__name__}"]


def snake(name: str) -> str:
    """The SDK's name of a member: SCIM's are in camelCase."""
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in name)


def parsed(model, value):
    """`value` as one of the pydantic models of a client's SDK, which itself checks nothing: "5" is no number here, an enum
    has a known value and what must be there is there. Raises what is wrong."""
    text = value if isinstance(value, (str, bytes)) else json.dumps(value)
    return pydantic.TypeAdapter(model).validate_json(text, strict=True)
