"""The services of all providers behind one gateway: the simulated provider, asked for keys, signatures and tokens as the real
ones are, and a recorder before it, whose copy of the answers says what was counted."""

from __future__ import annotations

import base64
import json
import pathlib
import re

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

import processes
from processes import Gateway, Provider
from recorder import Recorder

ISSUER = "gateway@test-project.iam.gserviceaccount.com"
AWS_KEY_ID, AWS_SECRET = "AKIASLUICETESTS00001", "aws-conformance-5b21c6de0f9a4e77"
ENTRA_CLIENT, ENTRA_SECRET = "0c6f1b1e-1111-2222-3333-444444444444", "entra-conformance-8d40b1c2a9f3"
ROLE = "arn:aws:iam::123456789012:role/Gateway"
CHAT, COMPLETIONS, EMBEDDINGS = "llm/v1/chat", "llm/v1/completions", "llm/v1/embeddings"
KEY = processes.OPENAI_KEY

# Who is asked, for which task and for which model.
MODELS = {
    "openai": {
        CHAT: "gpt-4o-mini",
        COMPLETIONS: "gpt-3.5-turbo-instruct",
        EMBEDDINGS: "text-embedding-3-small",
    },
    "azure": {CHAT: "gpt-4o", COMPLETIONS: "gpt-35-turbo-instruct", EMBEDDINGS: "text-embedding-3-small"},
    "azuread": {CHAT: "gpt-4o", COMPLETIONS: "gpt-35-turbo-instruct", EMBEDDINGS: "text-embedding-3-small"},
    "anthropic": {CHAT: "claude-sonnet-4-5", COMPLETIONS: "claude-sonnet-4-5"},
    "cohere": {CHAT: "command-a-03-2025", COMPLETIONS: "command-a-03-2025", EMBEDDINGS: "embed-english-v3.0"},
    "cohere-generate": {COMPLETIONS: "command"},
    "ai21labs": {CHAT: "jamba-large", COMPLETIONS: "jamba-large"},
    "ai21labs-j2": {COMPLETIONS: "j2-mid"},
    "bedrock": {
        CHAT: "anthropic.claude-sonnet-4-5-20250929-v1:0",
        COMPLETIONS: "anthropic.claude-sonnet-4-5-20250929-v1:0",
    },
    "bedrock-role": {CHAT: "anthropic.claude-sonnet-4-5-20250929-v1:0"},
    "bedrock-amazon": {
        CHAT: "amazon.nova-lite-v1:0",
        COMPLETIONS: "amazon.titan-text-express-v1",
        EMBEDDINGS: "amazon.titan-embed-text-v2:0",
    },
    "bedrock-cohere": {EMBEDDINGS: "cohere.embed-english-v3"},
    "bedrock-ai21labs": {COMPLETIONS: "ai21.j2-mid-v1"},
    "gemini": {CHAT: "gemini-2.5-flash", COMPLETIONS: "gemini-2.5-flash", EMBEDDINGS: "text-embedding-005"},
    "vertex-claude": {CHAT: "claude-sonnet-4-5@20250929", COMPLETIONS: "claude-sonnet-4-5@20250929"},
    "databricks": {
        CHAT: "upstream-chat",
        COMPLETIONS: "upstream-completions",
        EMBEDDINGS: "upstream-embeddings",
    },
    "palm": {CHAT: "chat-bison-001", COMPLETIONS: "text-bison-001", EMBEDDINGS: "embedding-gecko-001"},
    "custom": {CHAT: "qwen-27b", COMPLETIONS: "qwen-27b", EMBEDDINGS: "bge"},
}
PATHS = {CHAT: "chat/completions", COMPLETIONS: "completions", EMBEDDINGS: "embeddings"}

# What the services call their counts. The last one of an answer counts: a stream repeats them.
PROMPT = rb'"(?:prompt_tokens|input_tokens|inputTokens|promptTokenCount|inputTextTokenCount|inputTokenCount|token_count)":(\d+)'
COMPLETION = (
    rb'"(?:completion_tokens|output_tokens|outputTokens|candidatesTokenCount|totalOutputTextTokenCount'
    rb'|outputTokenCount|tokenCount)":(\d+)'
)


def last_number(names: bytes, header: bytes, answers: bytes) -> int | None:
    """Of a body, or else of a head."""
    # Bedrock's frames carry the events of other services as base64.
    inside = b"".join(base64.b64decode(text) for text in re.findall(rb'"bytes":"([A-Za-z0-9+/=]+)"', answers))
    found = re.findall(names, answers + inside) or re.findall(header + rb": (\d+)", answers, re.IGNORECASE)
    return int(found[-1]) if found else None


class ServiceAccount:
    """A key of Google's, made for this run."""

    def __init__(self, directory: pathlib.Path):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        self.public_file = directory / "service-account.pub"
        self.public_file.write_bytes(
            key.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )

    def json(self, token_uri: str) -> str:
        return json.dumps(
            {
                "type": "service_account",
                "project_id": "test-project",
                "private_key_id": "1",
                "private_key": self.private,
                "client_email": ISSUER,
                "token_uri": token_uri,
            }
        )


class Services:
    """`url`: where the gateway finds them all. None: the simulated ones, behind a recorder; else that address."""

    def __init__(self, directory: pathlib.Path, url: str | None = None):
        self.account = ServiceAccount(directory)
        self.provider = self.recorder = None
        if url is None:
            (directory / "provider").mkdir()
            self.provider = Provider(
                directory / "provider",
                *("--api-key", KEY, "--aws-key-id", AWS_KEY_ID, "--aws-secret", AWS_SECRET),
                *("--entra-client", ENTRA_CLIENT, "--entra-secret", ENTRA_SECRET),
                *("--google-key", str(self.account.public_file), "--google-issuer", ISSUER),
                tls=False,
            )
            self.recorder = Recorder(("127.0.0.1", self.provider.port))
            url = self.recorder.url
        self.url = url
        self.gateway = Gateway(
            directory / "gateway",
            {"secrets": processes.SEED_SECRETS, "provider_base_urls": self.base_urls()},
            processes.upstream_flags(),
            {
                "AWS_ACCESS_KEY_ID": AWS_KEY_ID,
                "AWS_SECRET_ACCESS_KEY": AWS_SECRET,
                "AWS_ENDPOINT_URL_STS": url,
            },
        ).start()
        self.endpoints: dict[tuple[str, str, str], str] = {}

    def base_urls(self) -> dict[str, str]:
        roots = (
            "anthropic",
            "cohere",
            "ai21labs",
            "amazon-bedrock",
            "google-cloud-vertex-ai",
            "palm",
            "microsoft-entra",
        )
        return {"openai": f"{self.url}/v1", **{name: self.url for name in roots}}

    def close(self) -> None:
        if self.recorder is not None:
            self.recorder.close()
        if self.provider is not None:
            self.provider.stop()

    def entity(self, who: str, task: str, model: str) -> dict:
        provider, config = self._config(who, task)
        name = provider.replace("-", "_") + "_config" if provider != "custom" else "custom_provider_config"
        external = {"name": model, "provider": provider, "task": task, name: config}
        return {"name": "served", "external_model": external}

    def _config(self, who: str, task: str) -> tuple[str, dict]:
        secret = "{{secrets/scope/key}}"
        azure = {
            "openai_api_base": self.url,
            "openai_api_version": "2024-10-21",
            "openai_deployment_name": "deployment",
        }
        keys = {"aws_access_key_id_plaintext": AWS_KEY_ID, "aws_secret_access_key_plaintext": AWS_SECRET}
        vertex = {
            "project_id": "test-project",
            "region": "us-central1",
            "private_key_plaintext": self.account.json(f"{self.url}/token"),
        }
        if who.startswith("bedrock"):
            family = {"bedrock": "anthropic", "bedrock-role": "anthropic"}.get(
                who, who.removeprefix("bedrock-")
            )
            credential = {"instance_profile_arn": ROLE} if who == "bedrock-role" else keys
            return "amazon-bedrock", {"aws_region": "us-east-1", "bedrock_provider": family, **credential}
        if who in ("gemini", "vertex-claude"):
            return "google-cloud-vertex-ai", vertex
        if who == "azure":
            return "openai", {"openai_api_type": "azure", "openai_api_key": secret, **azure}
        if who == "azuread":
            entra = {
                "microsoft_entra_tenant_id": "tenant",
                "microsoft_entra_client_id": ENTRA_CLIENT,
                "microsoft_entra_client_secret_plaintext": ENTRA_SECRET,
            }
            return "openai", {"openai_api_type": "azuread", **entra, **azure}
        if who == "databricks":
            # Another workspace is this gateway itself: its endpoints of provider openai.
            url, token = self.gateway.url, self.gateway.token
            return "databricks-model-serving", {
                "databricks_workspace_url": url,
                "databricks_api_token_plaintext": token,
            }
        if who == "custom":
            auth = {"api_key_auth": {"key": "api-key", "value": secret}}
            return "custom", {"custom_provider_url": f"{self.url}/v1/{PATHS[task]}", **auth}
        provider = {"cohere-generate": "cohere", "ai21labs-j2": "ai21labs"}.get(who, who)
        return provider, {f"{provider}_api_key": secret}

    def endpoint(self, who: str, task: str = CHAT, model: str | None = None) -> str:
        """The endpoint of that provider, task and model, made at the first call."""
        model = model or MODELS[who][task]
        key = (who, task, model)
        if key not in self.endpoints:
            if who == "databricks":
                self._make(model, self.entity("openai", task, MODELS["openai"][task]))
            name = f"to-{who}-{task.rpartition('/')[2]}-{len(self.endpoints)}"
            self._make(name, self.entity(who, task, model))
            self.endpoints[key] = name
        return self.endpoints[key]

    def _make(self, name: str, entity: dict) -> None:
        body = {"name": name, "config": {"served_entities": [entity]}}
        self.gateway.call("POST", "/api/2.0/serving-endpoints", body).ok()
        tracking = {"usage_tracking_config": {"enabled": True}}
        self.gateway.call("PUT", f"/api/2.0/serving-endpoints/{name}/ai-gateway", tracking).ok()

    def row(self, endpoint: str) -> dict:
        """The newest row of the usage table for that endpoint."""
        found = self.gateway.call("GET", f"/api/2.0/sluice/usage?endpoint_name={endpoint}").ok()["usage"]
        return found[0]

    def forget(self) -> None:
        self.recorder.clear()
        self.recorder.answers = b""

    def counted(self) -> tuple[int | None, int | None]:
        """What the service said of the last call: tokens of the prompt and of the answer."""
        answers = self.recorder.answers
        return (
            last_number(PROMPT, b"x-amzn-bedrock-input-token-count", answers),
            last_number(COMPLETION, b"x-amzn-bedrock-output-token-count", answers),
        )
