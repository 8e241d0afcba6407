"""The audit log after changes that real clients made: who, from where, with what, before and after; and never a secret."""

import json
import time

from databricks.sdk.service import serving, workspace as workspace_service

import processes
from processes import external_entity
from sdk import ENDPOINTS, config, openai_entity

AUDIT = "/api/2.0/sluice/audit"


def events(gateway, query: str = "", token: str | None = None) -> list[dict]:
    return gateway.call("GET", f"{AUDIT}?{query}", token=token or gateway.token).ok()["audit_events"]


def test_a_change_by_the_sdk(gateway, sdk_as, make_user, free_name):
    began = time.time()
    w, _ = sdk_as(make_user(f"audited-of-{free_name}@example.com", "workspace-access"))
    entity = openai_entity("one", openai_api_key=None, openai_api_key_plaintext=processes.PLAINTEXT_KEY)
    w.serving_endpoints.create_and_wait(name=free_name, config=config(entity))
    w.serving_endpoints.patch(free_name, add_tags=[serving.EndpointTag("k", "v")])
    w.serving_endpoints.delete(free_name)
    found = events(gateway, f"target=serving-endpoints/{free_name}")
    assert [one["action_name"] for one in found] == [
        "modelServing.deleteServingEndpoint",
        "modelServing.updateServingEndpointTags",
        "modelServing.createServingEndpoint",
    ], "the newest first"
    deleted, tagged, created = found
    assert "before" not in created and created["after"]["name"] == free_name
    assert (tagged["before"]["tags"], tagged["after"]["tags"]) == ([], [{"key": "k", "value": "v"}])
    assert deleted["before"]["tags"] == [{"key": "k", "value": "v"}] and "after" not in deleted
    for one in found:
        assert one["principal_name"] == f"audited-of-{free_name}@example.com"
        assert one["source_ip_address"].startswith("127.0.0.1")
        assert "databricks-sdk-py" in one["user_agent"]
        assert began - 5 <= one["event_time"] / 1000 <= time.time() + 5
        assert one["request_id"]
    assert processes.PLAINTEXT_KEY not in json.dumps(found)


def test_what_was_refused_leaves_no_row(gateway, make_user, make_endpoint):
    name = make_endpoint()
    before = events(gateway, f"target=serving-endpoints/{name}")
    token = make_user(f"refused-of-{name}@example.com")
    assert gateway.call("DELETE", f"{ENDPOINTS}/{name}", token=token).status in (403, 404)
    wrong = {"served_entities": [external_entity(openai_api_key="no reference")]}
    assert gateway.call("PUT", f"{ENDPOINTS}/{name}/config", wrong).status == 400
    assert events(gateway, f"target=serving-endpoints/{name}") == before


def test_the_log_is_for_admins(gateway, make_user):
    refused = gateway.call("GET", AUDIT, token=make_user("no-auditor@example.com"))
    assert (refused.status, refused.error_code) == (403, "PERMISSION_DENIED")


def test_rows_outlive_a_kill(make_gateway):
    gateway = make_gateway()
    gateway.call("POST", ENDPOINTS, {"name": "kept"}).ok()
    gateway.kill()
    gateway.start()
    assert [one["target"] for one in events(gateway, "target=serving-endpoints/kept")] == [
        "serving-endpoints/kept"
    ]
