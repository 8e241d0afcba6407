"""databricks-sdk: every call of w.users, w.groups, w.service_principals and w.current_user, and the requests it takes."""

import itertools

import pytest
from databricks.sdk import errors
from databricks.sdk.service import iam

SCIM = "/api/2.0/preview/scim/v2"
PASSWORDS = "/api/2.0/permissions/authorization/passwords"
numbers = itertools.count(1)
ADD, REMOVE, REPLACE = iam.PatchOp.ADD, iam.PatchOp.REMOVE, iam.PatchOp.REPLACE
SCHEMA = [iam.PatchSchema.URN_IETF_PARAMS_SCIM_API_MESSAGES_2_0_PATCH_OP]


def listing(kind: str, found: int, filter: str | None = None) -> list[str]:
    """The requests of a list call: page by page until one is empty."""
    middle = "" if filter is None else f"filter={filter}&"
    starts = [1, 1 + found] if found else [1]
    return [f"GET {SCIM}/{kind}?{middle}startIndex={start}&count=10000" for start in starts]


@pytest.fixture
def unique() -> str:
    return f"person-{next(numbers)}"


@pytest.fixture
def user(workspace, unique):
    made = workspace.users.create(user_name=f"{unique}@example.com", display_name=unique.title())
    yield made
    workspace.users.delete(made.id)


@pytest.fixture
def group(workspace, unique):
    made = workspace.groups.create(display_name=f"group of {unique}")
    yield made
    workspace.groups.delete(made.id)


@pytest.fixture
def principal(workspace, unique):
    made = workspace.service_principals.create(display_name=f"robot {unique}")
    yield made
    workspace.service_principals.delete(made.id)


def test_me(workspace, recorder):
    with recorder.expects(f"GET {SCIM}/Me"):
        me = workspace.current_user.me()
    assert me.user_name == "admin" and me.active
    assert "admins" in [one.display for one in me.groups]
    with recorder.expects():
        assert workspace.get_workspace_id(), "known from discovery"


def test_me_of_each_kind_of_principal(workspace, user, service_principal, gateway, sdk_as, make_user):
    w, recorder = sdk_as(make_user(f"me-{next(numbers)}@example.com"))
    with recorder.expects(f"GET {SCIM}/Me"):
        assert w.current_user.me().user_name.startswith("me-")
    w, recorder = sdk_as(
        client_id=service_principal.application_id, client_secret=service_principal.secret()
    )
    assert w.current_user.me().user_name == service_principal.application_id


def test_users(workspace, recorder, unique):
    with recorder.expects(f"POST {SCIM}/Users"):
        made = workspace.users.create(
            user_name=f"{unique}@example.com",
            display_name="Carol",
            external_id="ext-1",
            active=True,
            name=iam.Name(given_name="Carol", family_name="Smith"),
            emails=[iam.ComplexValue(value=f"{unique}@example.com", primary=True, type="work")],
            entitlements=[iam.ComplexValue(value="workspace-access")],
        )
    assert made.id and made.user_name == f"{unique}@example.com" and made.display_name == "Carol"
    with recorder.expects(f"GET {SCIM}/Users/{made.id}"):
        found = workspace.users.get(made.id)
    assert found.external_id == "ext-1" and found.active
    assert [one.value for one in found.entitlements] == ["workspace-access"]
    with recorder.expects(f"PATCH {SCIM}/Users/{made.id}"):
        workspace.users.patch(
            made.id,
            operations=[iam.Patch(op=REPLACE, path="displayName", value="Caroline")],
            schemas=SCHEMA,
        )
    assert workspace.users.get(made.id).display_name == "Caroline"
    with recorder.expects(f"PUT {SCIM}/Users/{made.id}"):
        workspace.users.update(made.id, user_name=f"{unique}@example.com", display_name="C.", active=False)
    found = workspace.users.get(made.id)
    assert (found.display_name, found.active) == ("C.", False)
    assert not found.entitlements, "PUT replaces the whole"
    with recorder.expects(f"DELETE {SCIM}/Users/{made.id}"):
        workspace.users.delete(made.id)
    with recorder.expects(f"GET {SCIM}/Users/{made.id}"), pytest.raises(errors.NotFound):
        workspace.users.get(made.id)
    with recorder.expects(f"DELETE {SCIM}/Users/{made.id}"), pytest.raises(errors.NotFound):
        workspace.users.delete(made.id)


def test_listing_users(workspace, recorder, user):
    filter = f"userName%20eq%20%22{user.user_name}%22".replace("@", "%40").replace("%20", "+")
    with recorder.expects(*listing("Users", 1, filter)):
        found = list(workspace.users.list(filter=f'userName eq "{user.user_name}"'))
    assert [one.id for one in found] == [user.id]
    with recorder.expects(*listing("Users", 0, "userName+eq+%22nobody%22")):
        assert list(workspace.users.list(filter='userName eq "nobody"')) == []
    everyone = list(workspace.users.list())
    assert {"admin", user.user_name} <= {one.user_name for one in everyone}
    with recorder.expects(*listing("Users", len(everyone))):
        assert len(list(workspace.users.list())) == len(everyone)


def test_pages_of_users(workspace, recorder, make_user):
    """A page is what was asked for, and the SDK goes on where it ended."""
    for _ in range(3):
        make_user(f"paged-{next(numbers)}@example.com")
    wanted = 'userName sw "paged-"'
    all_at_once = [one.id for one in workspace.users.list(filter=wanted)]
    before = len(recorder.calls)
    assert [one.id for one in workspace.users.list(filter=wanted, start_index=1, count=2)] == all_at_once
    starts = [line.partition("startIndex=")[2] for line in recorder.calls[before:]]
    pages = (len(all_at_once) + 1) // 2
    assert len(starts) in (pages, pages + 1)
    assert len(all_at_once) >= 3 and len(set(all_at_once)) == len(all_at_once)


def test_a_user_name_that_is_taken(workspace, recorder, user):
    with recorder.expects(f"POST {SCIM}/Users"), pytest.raises(errors.ResourceConflict) as refused:
        workspace.users.create(user_name=user.user_name)
    assert refused.value.error_code == "RESOURCE_ALREADY_EXISTS"


def test_rights_to_passwords_are_not_ours(workspace, recorder):
    with recorder.expects(f"GET {PASSWORDS}"), pytest.raises(errors.NotImplemented):
        workspace.users.get_permissions()
    with recorder.expects(f"GET {PASSWORDS}/permissionLevels"), pytest.raises(errors.NotImplemented):
        workspace.users.get_permission_levels()
    with recorder.expects(f"PUT {PASSWORDS}"), pytest.raises(errors.NotImplemented):
        workspace.users.set_permissions(access_control_list=[])
    with recorder.expects(f"PATCH {PASSWORDS}"), pytest.raises(errors.NotImplemented):
        workspace.users.update_permissions(access_control_list=[])


def members_of(workspace, group_id: str) -> set[str]:
    return {one.value for one in workspace.groups.get(group_id).members or []}


def test_groups(workspace, recorder, user, principal, unique):
    with recorder.expects(f"POST {SCIM}/Groups"):
        made = workspace.groups.create(
            display_name=f"team {unique}", external_id="ext-2", members=[iam.ComplexValue(value=user.id)]
        )
    with recorder.expects(f"GET {SCIM}/Groups/{made.id}"):
        found = workspace.groups.get(made.id)
    assert found.display_name == f"team {unique}" and [one.value for one in found.members] == [user.id]
    assert made.id in [one.value for one in workspace.users.get(user.id).groups]
    with recorder.expects(f"PATCH {SCIM}/Groups/{made.id}"):
        workspace.groups.patch(
            made.id,
            operations=[iam.Patch(op=ADD, value={"members": [{"value": principal.id}]})],
            schemas=SCHEMA,
        )
    assert members_of(workspace, made.id) == {user.id, principal.id}
    with recorder.expects(f"PATCH {SCIM}/Groups/{made.id}"):
        workspace.groups.patch(
            made.id, operations=[iam.Patch(op=REMOVE, path=f'members[value eq "{user.id}"]')], schemas=SCHEMA
        )
    assert members_of(workspace, made.id) == {principal.id}
    with recorder.expects(f"PUT {SCIM}/Groups/{made.id}"):
        workspace.groups.update(
            made.id, display_name=f"crew {unique}", members=[iam.ComplexValue(value=user.id)]
        )
    found = workspace.groups.get(made.id)
    assert found.display_name == f"crew {unique}" and members_of(workspace, made.id) == {user.id}
    with recorder.expects(f"DELETE {SCIM}/Groups/{made.id}"):
        workspace.groups.delete(made.id)
    with recorder.expects(f"GET {SCIM}/Groups/{made.id}"), pytest.raises(errors.NotFound):
        workspace.groups.get(made.id)
    assert made.id not in [one.value for one in workspace.users.get(user.id).groups or []]


def test_listing_groups(workspace, recorder, group):
    filter = f"displayName+eq+%22{group.display_name}%22".replace(" ", "+")
    with recorder.expects(*listing("Groups", 1, filter)):
        found = list(workspace.groups.list(filter=f'displayName eq "{group.display_name}"'))
    assert [one.id for one in found] == [group.id]
    everything = [one.display_name for one in workspace.groups.list()]
    assert {"admins", "users", group.display_name} <= set(everything)


def test_nested_groups(workspace, user, group, unique):
    """user in inner, inner in group: the user is a member of both, and a circle is refused."""
    inner = workspace.groups.create(
        display_name=f"inner {unique}", members=[iam.ComplexValue(value=user.id)]
    )
    workspace.groups.patch(
        group.id,
        operations=[iam.Patch(op=ADD, value={"members": [{"value": inner.id}]})],
        schemas=SCHEMA,
    )
    assert members_of(workspace, group.id) == {inner.id}
    assert {inner.id, group.id} <= {one.value for one in workspace.users.get(user.id).groups}
    with pytest.raises((errors.BadRequest, errors.InvalidParameterValue)):
        workspace.groups.patch(
            inner.id,
            operations=[iam.Patch(op=ADD, value={"members": [{"value": group.id}]})],
            schemas=SCHEMA,
        )
    workspace.groups.delete(inner.id)
    assert members_of(workspace, group.id) == set()


def test_service_principals(workspace, recorder, unique):
    with recorder.expects(f"POST {SCIM}/ServicePrincipals"):
        made = workspace.service_principals.create(
            display_name=f"robot {unique}", entitlements=[iam.ComplexValue(value="workspace-access")]
        )
    assert made.application_id and made.id
    with recorder.expects(f"GET {SCIM}/ServicePrincipals/{made.id}"):
        found = workspace.service_principals.get(made.id)
    assert found.application_id == made.application_id and found.active
    with recorder.expects(f"PATCH {SCIM}/ServicePrincipals/{made.id}"):
        workspace.service_principals.patch(
            made.id, operations=[iam.Patch(op=REPLACE, path="active", value=False)], schemas=SCHEMA
        )
    assert workspace.service_principals.get(made.id).active is False
    with recorder.expects(f"PUT {SCIM}/ServicePrincipals/{made.id}"):
        workspace.service_principals.update(
            made.id, application_id=made.application_id, display_name="renamed", active=True
        )
    found = workspace.service_principals.get(made.id)
    assert (found.display_name, found.active) == ("renamed", True)
    with recorder.expects(f"DELETE {SCIM}/ServicePrincipals/{made.id}"):
        workspace.service_principals.delete(made.id)
    with recorder.expects(f"GET {SCIM}/ServicePrincipals/{made.id}"), pytest.raises(errors.NotFound):
        workspace.service_principals.get(made.id)


def test_listing_service_principals(workspace, recorder, principal):
    filter = f"applicationId+eq+%22{principal.application_id}%22"
    with recorder.expects(*listing("ServicePrincipals", 1, filter)):
        found = list(
            workspace.service_principals.list(filter=f'applicationId eq "{principal.application_id}"')
        )
    assert [one.id for one in found] == [principal.id]


def test_who_may_not_administer_may_still_look(user, group, principal, sdk_as, make_user):
    w, recorder = sdk_as(make_user(f"onlooker-{next(numbers)}@example.com"))
    assert w.users.get(user.id).user_name == user.user_name
    assert w.groups.get(group.id).display_name == group.display_name
    assert w.service_principals.get(principal.id).application_id == principal.application_id
    with recorder.expects(f"DELETE {SCIM}/Users/{user.id}"), pytest.raises(errors.PermissionDenied):
        w.users.delete(user.id)
    with recorder.expects(f"POST {SCIM}/Groups"), pytest.raises(errors.PermissionDenied):
        w.groups.create(display_name="mine")
    with recorder.expects(f"POST {SCIM}/ServicePrincipals"), pytest.raises(errors.PermissionDenied):
        w.service_principals.create(display_name="mine")


def test_a_user_who_is_switched_off_is_let_in_no_more(workspace, recorder, user, gateway, sdk_as):
    token = workspace.token_management.create_obo_token(application_id=user.user_name).token_value
    theirs, seen = sdk_as(token)
    assert theirs.current_user.me().user_name == user.user_name
    workspace.users.patch(
        user.id, operations=[iam.Patch(op=REPLACE, path="active", value=False)], schemas=SCHEMA
    )
    with seen.expects(f"GET {SCIM}/Me"):
        with pytest.raises((errors.Unauthenticated, errors.PermissionDenied)):
            theirs.current_user.me()
