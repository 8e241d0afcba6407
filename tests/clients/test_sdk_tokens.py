"""databricks-sdk: every call of w.tokens, w.token_management and w.service_principal_secrets_proxy."""

import itertools
import time

import pytest
from databricks.sdk import errors
from databricks.sdk.common.types.fieldmask import FieldMask
from databricks.sdk.service import settings

TOKEN = "/api/2.0/token"
MANAGEMENT = "/api/2.0/token-management"
RIGHTS = "/api/2.0/permissions/authorization/tokens"
ME = "/api/2.0/preview/scim/v2/Me"
numbers = itertools.count(1)


def status_of(gateway, token: str) -> int:
    return gateway.call("GET", ME, token=token).status


def test_tokens(workspace, recorder, gateway):
    with recorder.expects(f"POST {TOKEN}/create"):
        mine = workspace.tokens.create(comment="for a test", lifetime_seconds=3600)
    assert mine.token_value and mine.token_info.comment == "for a test"
    life = mine.token_info.expiry_time - mine.token_info.creation_time
    assert abs(life - 3600_000) < 5000
    with recorder.expects(f"GET {TOKEN}/list"):
        listed = {one.token_id: one for one in workspace.tokens.list()}
    assert listed[mine.token_info.token_id].comment == "for a test"
    assert gateway.call("GET", ME, token=mine.token_value).ok()["userName"] == "admin"
    with recorder.expects(f"POST {TOKEN}/delete"):
        workspace.tokens.delete(mine.token_info.token_id)
    assert status_of(gateway, mine.token_value) == 401
    with recorder.expects(f"POST {TOKEN}/delete"), pytest.raises(errors.ResourceDoesNotExist):
        workspace.tokens.delete(mine.token_info.token_id)


def test_a_token_without_end(workspace):
    mine = workspace.tokens.create()
    assert mine.token_info.expiry_time == -1
    workspace.tokens.delete(mine.token_info.token_id)


def test_a_token_ends_with_its_life_time(workspace, recorder, gateway, sdk_as):
    mine = workspace.tokens.create(comment="short", lifetime_seconds=1)
    client, seen = sdk_as(mine.token_value)
    deadline = time.monotonic() + 10
    while status_of(gateway, mine.token_value) == 200 and time.monotonic() < deadline:
        time.sleep(0.05)
    with seen.expects(f"GET {ME}"), pytest.raises(errors.Unauthenticated):
        client.current_user.me()


@pytest.mark.parametrize("lifetime", [0, -5])
def test_a_life_time_that_is_wrong(workspace, recorder, lifetime):
    with recorder.expects(f"POST {TOKEN}/create"), pytest.raises(errors.InvalidParameterValue):
        workspace.tokens.create(lifetime_seconds=lifetime)


def test_changing_a_token_is_not_implemented(workspace, recorder):
    mine = workspace.tokens.create()
    token_id = mine.token_info.token_id
    with recorder.expects(f"PATCH {TOKEN}/{token_id}"), pytest.raises(errors.NotImplemented):
        workspace.tokens.update(
            token_id, settings.PublicTokenInfo(comment="other"), FieldMask(field_mask=["comment"])
        )
    with recorder.expects(f"PATCH {MANAGEMENT}/tokens/{token_id}"), pytest.raises(errors.NotImplemented):
        workspace.token_management.update_token_management(
            token_id, settings.TokenInfo(comment="other"), FieldMask(field_mask=["comment"])
        )
    workspace.tokens.delete(token_id)


def test_nobody_sees_the_tokens_of_another(workspace, gateway, sdk_as, make_user):
    w, recorder = sdk_as(make_user(f"token-owner-{next(numbers)}@example.com"))
    theirs = w.tokens.create(comment="theirs")
    mine = workspace.tokens.create(comment="mine")
    assert theirs.token_info.token_id not in [one.token_id for one in workspace.tokens.list()]
    with recorder.expects(f"POST {TOKEN}/delete"), pytest.raises(errors.PermissionDenied):
        w.tokens.delete(mine.token_info.token_id)
    assert status_of(gateway, mine.token_value) == 200
    workspace.tokens.delete(mine.token_info.token_id)


def test_token_management(workspace, recorder, gateway, make_user):
    name = f"managed-{next(numbers)}@example.com"
    make_user(name)
    with recorder.expects(f"POST {MANAGEMENT}/on-behalf-of/tokens"):
        made = workspace.token_management.create_obo_token(
            application_id=name, comment="for them", lifetime_seconds=600
        )
    assert gateway.call("GET", ME, token=made.token_value).ok()["userName"] == name
    token_id = made.token_info.token_id
    with recorder.expects(f"GET {MANAGEMENT}/tokens/{token_id}"):
        found = workspace.token_management.get(token_id).token_info
    assert (found.token_id, found.comment) == (token_id, "for them")
    with recorder.expects(f"GET {MANAGEMENT}/tokens"):
        assert token_id in [one.token_id for one in workspace.token_management.list()]
    with recorder.expects(f"DELETE {MANAGEMENT}/tokens/{token_id}"):
        workspace.token_management.delete(token_id)
    assert status_of(gateway, made.token_value) == 401
    with recorder.expects(f"GET {MANAGEMENT}/tokens/{token_id}"), pytest.raises(errors.ResourceDoesNotExist):
        workspace.token_management.get(token_id)


def test_tokens_of_one_creator(workspace, recorder, sdk_as, make_user):
    name = f"creator-{next(numbers)}@example.com"
    w, _ = sdk_as(make_user(name))
    theirs = w.tokens.create(comment="by them").token_info.token_id
    query = f"created_by_username={name.replace('@', '%40')}"
    with recorder.expects(f"GET {MANAGEMENT}/tokens?{query}"):
        listed = list(workspace.token_management.list(created_by_username=name))
    assert theirs in [one.token_id for one in listed]
    assert {one.created_by_username for one in listed} == {name}


def test_token_management_is_for_admins(sdk_as, make_user):
    w, recorder = sdk_as(make_user(f"no-admin-{next(numbers)}@example.com"))
    with recorder.expects(f"GET {MANAGEMENT}/tokens"), pytest.raises(errors.PermissionDenied):
        list(w.token_management.list())
    with recorder.expects(f"POST {MANAGEMENT}/on-behalf-of/tokens"), pytest.raises(errors.PermissionDenied):
        w.token_management.create_obo_token(application_id="admin")


def test_who_may_have_tokens_is_not_ours_to_set(workspace, recorder):
    with recorder.expects(f"GET {RIGHTS}"), pytest.raises(errors.NotImplemented):
        workspace.token_management.get_permissions()
    with recorder.expects(f"GET {RIGHTS}/permissionLevels"), pytest.raises(errors.NotImplemented):
        workspace.token_management.get_permission_levels()
    with recorder.expects(f"PUT {RIGHTS}"), pytest.raises(errors.NotImplemented):
        workspace.token_management.set_permissions(access_control_list=[])
    with recorder.expects(f"PATCH {RIGHTS}"), pytest.raises(errors.NotImplemented):
        workspace.token_management.update_permissions(access_control_list=[])


def test_secrets_of_a_service_principal(workspace, recorder, service_principal):
    path = f"/api/2.0/accounts/servicePrincipals/{service_principal.id}/credentials/secrets"
    with recorder.expects(f"POST {path}"):
        made = workspace.service_principal_secrets_proxy.create(service_principal.id, lifetime="3600s")
    assert made.id and made.secret and made.status == "ACTIVE" and made.secret_hash != made.secret
    assert made.create_time.endswith("Z") and made.expire_time > made.create_time
    with recorder.expects(f"GET {path}"):
        listed = {one.id: one for one in workspace.service_principal_secrets_proxy.list(service_principal.id)}
    assert listed[made.id].secret_hash == made.secret_hash
    with recorder.expects(f"DELETE {path}/{made.id}"):
        workspace.service_principal_secrets_proxy.delete(service_principal.id, made.id)
    assert list(workspace.service_principal_secrets_proxy.list(service_principal.id)) == []


def test_secrets_of_a_principal_that_is_none(workspace, recorder):
    path = "/api/2.0/accounts/servicePrincipals/999999999/credentials/secrets"
    with recorder.expects(f"POST {path}"), pytest.raises(errors.NotFound):
        workspace.service_principal_secrets_proxy.create("999999999")
