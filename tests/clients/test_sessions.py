"""Sessions and the feed of changed endpoints, as the Serving UI uses them."""

SESSION = "/api/2.0/sluice/session"
ENDPOINTS = "/api/2.0/serving-endpoints"
CHANGES = "/api/2.0/sluice/endpoints"


def signed_in(gateway, token: str) -> dict[str, str]:
    """The fields of a page that has signed in."""
    answer = gateway.call("POST", SESSION, {"token": token}, token=None)
    csrf = answer.ok()["csrf_token"]
    cookie, *attributes = answer.headers["set-cookie"].split("; ")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(attributes)
    return {"Cookie": cookie, "X-Csrf-Token": csrf}


def test_a_session_from_sign_in_to_sign_out(gateway, make_endpoint):
    name = make_endpoint()
    page = signed_in(gateway, gateway.token)
    query = {"messages": [{"role": "user", "content": "Hello"}]}
    path = f"/serving-endpoints/{name}/invocations"
    assert gateway.call("POST", path, query, token=None, headers=page).status == 200
    assert gateway.call("GET", f"{ENDPOINTS}/{name}", token=None, headers=page).ok()["name"] == name
    cookie = {"Cookie": page["Cookie"]}
    assert gateway.call("GET", SESSION, token=None, headers=cookie).ok()["user_name"] == "admin"
    refused = gateway.call("GET", ENDPOINTS, token=None, headers=cookie)
    assert (refused.status, refused.error_code) == (403, "PERMISSION_DENIED")
    elsewhere = {**page, "Origin": "https://evil.example"}
    assert gateway.call("GET", ENDPOINTS, token=None, headers=elsewhere).status == 403
    assert gateway.call("DELETE", SESSION, token=None, headers=page).ok() == {}
    assert gateway.call("GET", ENDPOINTS, token=None, headers=page).status == 401


def test_a_token_that_is_not_good_does_not_sign_in(gateway):
    refused = gateway.call("POST", SESSION, {"token": "dapi-none"}, token=None)
    assert (refused.status, refused.error_code) == (401, "UNAUTHENTICATED")
    assert "set-cookie" not in refused.headers


def test_a_page_follows_its_endpoints(gateway, make_endpoint):
    first = gateway.call("GET", CHANGES).ok()
    assert first["reset"] is True
    name = make_endpoint()
    second = gateway.call("GET", f"{CHANGES}?since={first['revision']}").ok()
    assert (second["reset"], [one["name"] for one in second["endpoints"]]) == (False, [name])
    assert gateway.call("DELETE", f"{ENDPOINTS}/{name}").status == 200
    third = gateway.call("GET", f"{CHANGES}?since={second['revision']}").ok()
    assert (third["endpoints"], third["deleted"]) == ([], [name])
