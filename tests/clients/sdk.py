"""Short spellings of the databricks-sdk's own classes, for tests."""

from __future__ import annotations

import time

from databricks.sdk import errors
from databricks.sdk.clock import Clock
from databricks.sdk.service import serving


ENDPOINTS = "/api/2.0/serving-endpoints"


def hello() -> serving.ChatMessage:
    return serving.ChatMessage(role=serving.ChatMessageRole.USER, content="Hello!")


def openai_entity(
    name: str | None = None, model: str = "gpt-4o-mini", task: str = "llm/v1/chat", **openai_config
) -> serving.ServedEntityInput:
    openai_config.setdefault("openai_api_key", "{{secrets/my_scope/my_openai_api_key}}")
    return serving.ServedEntityInput(
        name=name,
        external_model=serving.ExternalModel(
            name=model,
            provider=serving.ExternalModelProvider.OPENAI,
            task=task,
            openai_config=serving.OpenAiConfig(**openai_config),
        ),
    )


def config(*entities: serving.ServedEntityInput, name: str | None = None) -> serving.EndpointCoreConfigInput:
    return serving.EndpointCoreConfigInput(name=name, served_entities=list(entities))


def routes(**shares: int) -> serving.TrafficConfig:
    return serving.TrafficConfig(
        routes=[
            serving.Route(served_model_name=name, traffic_percentage=share) for name, share in shares.items()
        ]
    )


def outcome(call, *arguments, **options) -> str:
    """"ok", or the name of the class of error that the SDK raised."""
    try:
        call(*arguments, **options)
    except errors.DatabricksError as refused:
        return type(refused).__name__
    return "ok"




class SkippingClock(Clock):
    """For Config(clock=…): waits pass at once, and are kept in `waits`."""

    def __init__(self):
        self.waits: list[float] = []

    def time(self) -> float:
        return time.time() + sum(self.waits)

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
