"""databricks-sdk: every call of w.secrets, what it sends, and what each right on a scope allows."""

import base64
import itertools
import time

import pytest
from databricks.sdk import errors
from databricks.sdk.service import workspace as service

SECRETS = "/api/2.0/secrets"
numbers = itertools.count(1)


@pytest.fixture
def scope(gateway) -> str:
    """A scope of this test alone."""
    one = f"scope-{next(numbers)}"
    gateway.call("POST", f"{SECRETS}/scopes/create", {"scope": one}).ok()
    yield one
    assert gateway.call("POST", f"{SECRETS}/scopes/delete", {"scope": one}).status in (200, 404)


def text_of(secret: service.GetSecretResponse) -> bytes:
    return base64.b64decode(secret.value)


def test_scopes(workspace, recorder):
    one = f"scope-{next(numbers)}"
    with recorder.expects(f"POST {SECRETS}/scopes/create"):
        workspace.secrets.create_scope(one)
    with recorder.expects(f"GET {SECRETS}/scopes/list"):
        listed = {found.name: found for found in workspace.secrets.list_scopes()}
    assert listed[one].backend_type == service.ScopeBackendType.DATABRICKS
    with recorder.expects(f"POST {SECRETS}/scopes/delete"):
        workspace.secrets.delete_scope(one)
    assert one not in [found.name for found in workspace.secrets.list_scopes()]


def test_a_scope_that_is_there_already(workspace, recorder, scope):
    with recorder.expects(f"POST {SECRETS}/scopes/create"), pytest.raises(errors.ResourceAlreadyExists):
        workspace.secrets.create_scope(scope)


def test_a_scope_that_every_user_manages(workspace, recorder, scope, sdk_as, make_user):
    workspace.secrets.delete_scope(scope)
    with recorder.expects(f"POST {SECRETS}/scopes/create"):
        workspace.secrets.create_scope(scope, initial_manage_principal="users")
    anyone, _ = sdk_as(make_user(f"anyone-of-{scope}@example.com"))
    anyone.secrets.put_secret(scope, "k", string_value="v")
    assert text_of(workspace.secrets.get_secret(scope, "k")) == b"v"


def test_secrets(workspace, recorder, scope):
    with recorder.expects(f"POST {SECRETS}/put"):
        workspace.secrets.put_secret(scope, "text", string_value="v")
    with recorder.expects(f"POST {SECRETS}/put"):
        workspace.secrets.put_secret(scope, "bytes", bytes_value=base64.b64encode(b"v\0\xff").decode())
    with recorder.expects(f"GET {SECRETS}/list?scope={scope}"):
        listed = list(workspace.secrets.list_secrets(scope))
    assert sorted(one.key for one in listed) == ["bytes", "text"]
    assert all(abs(one.last_updated_timestamp / 1000 - time.time()) < 60 for one in listed)
    with recorder.expects(f"GET {SECRETS}/get?key=text&scope={scope}"):
        assert text_of(workspace.secrets.get_secret(scope, "text")) == b"v"
    assert text_of(workspace.secrets.get_secret(scope, "bytes")) == b"v\0\xff"
    with recorder.expects(f"GET {SECRETS}/get?scope={scope}&key=text"):
        assert workspace.dbutils.secrets.get(scope, "text") == "v"
    workspace.secrets.put_secret(scope, "text", string_value="w")
    assert text_of(workspace.secrets.get_secret(scope, "text")) == b"w"
    with recorder.expects(f"POST {SECRETS}/delete"):
        workspace.secrets.delete_secret(scope, "text")
    with recorder.expects(f"GET {SECRETS}/get?key=text&scope={scope}"):
        with pytest.raises(errors.ResourceDoesNotExist):
            workspace.secrets.get_secret(scope, "text")


def test_secrets_of_no_scope(workspace, recorder):
    with recorder.expects(f"POST {SECRETS}/put"), pytest.raises(errors.ResourceDoesNotExist):
        workspace.secrets.put_secret("nowhere", "k", string_value="v")
    with recorder.expects(f"GET {SECRETS}/list?scope=nowhere"), pytest.raises(errors.ResourceDoesNotExist):
        list(workspace.secrets.list_secrets("nowhere"))
    with recorder.expects(f"POST {SECRETS}/scopes/delete"), pytest.raises(errors.ResourceDoesNotExist):
        workspace.secrets.delete_scope("nowhere")


def test_acls(workspace, recorder, scope):
    with recorder.expects(f"GET {SECRETS}/acls/list?scope={scope}"):
        listed = [(one.principal, one.permission) for one in workspace.secrets.list_acls(scope)]
    assert listed == [("admin", service.AclPermission.MANAGE)]
    with recorder.expects(f"POST {SECRETS}/acls/put"):
        workspace.secrets.put_acl(scope, "users", service.AclPermission.READ)
    with recorder.expects(f"GET {SECRETS}/acls/get?principal=users&scope={scope}"):
        assert workspace.secrets.get_acl(scope, "users").permission == service.AclPermission.READ
    with recorder.expects(f"POST {SECRETS}/acls/delete"):
        workspace.secrets.delete_acl(scope, "users")
    with recorder.expects(f"GET {SECRETS}/acls/get?principal=users&scope={scope}"):
        with pytest.raises(errors.ResourceDoesNotExist):
            workspace.secrets.get_acl(scope, "users")


def refused(call) -> bool:
    """Whether the gateway says that the caller may not."""
    try:
        call()
    except errors.PermissionDenied:
        return True
    return False


@pytest.mark.parametrize(
    "right, may_read, may_write, may_manage",
    [
        (None, False, False, False),
        (service.AclPermission.READ, True, False, False),
        (service.AclPermission.WRITE, True, True, False),
        (service.AclPermission.MANAGE, True, True, True),
    ],
)
def test_what_a_right_on_a_scope_allows(
    workspace, scope, sdk_as, make_user, right, may_read, may_write, may_manage
):
    name = f"somebody-{next(numbers)}@example.com"
    somebody, recorder = sdk_as(make_user(name))
    workspace.secrets.put_secret(scope, "k", string_value="v")
    if right is not None:
        workspace.secrets.put_acl(scope, name, right)
    with recorder.expects(f"GET {SECRETS}/get?key=k&scope={scope}"):
        assert refused(lambda: somebody.secrets.get_secret(scope, "k")) is not may_read
    with recorder.expects(f"POST {SECRETS}/put"):
        assert refused(lambda: somebody.secrets.put_secret(scope, "k", string_value="w")) is not may_write
    with recorder.expects(f"POST {SECRETS}/acls/put"):
        assert (
            refused(lambda: somebody.secrets.put_acl(scope, "users", service.AclPermission.READ))
            is not may_manage
        )
    assert (scope in [one.name for one in somebody.secrets.list_scopes()]) is may_read


@pytest.mark.parametrize(
    "line, call, kind",
    [
        ("scopes/create", lambda w, scope: w.create_scope("a b"), errors.InvalidParameterValue),
        ("scopes/create", lambda w, scope: w.create_scope("a" * 129), errors.InvalidParameterValue),
        ("scopes/create", lambda w, scope: w.create_scope(scope.upper()), errors.ResourceAlreadyExists),
        (
            "scopes/create",
            lambda w, scope: w.create_scope("a", initial_manage_principal="admin"),
            errors.InvalidParameterValue,
        ),
        ("put", lambda w, scope: w.put_secret(scope, "k"), errors.BadRequest),
        (
            "put",
            lambda w, scope: w.put_secret(scope, "k", string_value="v", bytes_value="dg=="),
            errors.BadRequest,
        ),
        ("put", lambda w, scope: w.put_secret(scope, "k", bytes_value="!"), errors.BadRequest),
        ("put", lambda w, scope: w.put_secret(scope, "k k", string_value="v"), errors.InvalidParameterValue),
        (
            "put",
            lambda w, scope: w.put_secret(scope, "k", string_value="v" * 131073),
            errors.InvalidParameterValue,
        ),
        ("delete", lambda w, scope: w.delete_secret(scope, "k"), errors.ResourceDoesNotExist),
        (
            "acls/put",
            lambda w, scope: w.put_acl(scope, "nobody@example.com", service.AclPermission.READ),
            errors.InvalidParameterValue,
        ),
        ("acls/delete", lambda w, scope: w.delete_acl(scope, "users"), errors.ResourceDoesNotExist),
    ],
)
def test_calls_that_are_wrong(workspace, recorder, scope, line, call, kind):
    """Each is told so once, and leaves nothing behind."""
    with recorder.expects(f"POST {SECRETS}/{line}"), pytest.raises(kind):
        call(workspace.secrets, scope)
    assert list(workspace.secrets.list_secrets(scope)) == []
    assert [one.principal for one in workspace.secrets.list_acls(scope)] == ["admin"]


def test_the_largest_secret(workspace, recorder, scope):
    with recorder.expects(f"POST {SECRETS}/put"):
        workspace.secrets.put_secret(scope, "k" * 128, string_value="v" * 131072)
    assert text_of(workspace.secrets.get_secret(scope, "k" * 128)) == b"v" * 131072


def test_scopes_in_a_key_vault_are_not_implemented(workspace, recorder):
    vault = service.AzureKeyVaultSecretScopeMetadata(resource_id="r", dns_name="https://vault.example.com")
    with recorder.expects(f"POST {SECRETS}/scopes/create"), pytest.raises(errors.NotImplemented):
        workspace.secrets.create_scope(
            "vault", scope_backend_type=service.ScopeBackendType.AZURE_KEYVAULT, backend_azure_keyvault=vault
        )
    assert "vault" not in [one.name for one in workspace.secrets.list_scopes()]
