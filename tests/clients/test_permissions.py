"""databricks-sdk: w.permissions and the permission calls of w.serving_endpoints, and what each level lets each client do."""

import itertools
import types

import openai
import pytest
import requests
from databricks.sdk import errors
from databricks.sdk.service import iam, serving, workspace as workspace_service
from mlflow.deployments import get_deploy_client

from processes import PLAINTEXT_KEY, external_entity
from sdk import ENDPOINTS, config, hello, openai_entity, outcome

RIGHTS = "/api/2.0/permissions/serving-endpoints"
OBJECTS = "serving-endpoints"  # the first argument of w.permissions
MESSAGES = [{"role": "user", "content": "Hello!"}]
Level = serving.ServingEndpointPermissionLevel
VIEW, QUERY, MANAGE = Level.CAN_VIEW, Level.CAN_QUERY, Level.CAN_MANAGE
ADMINS = ("admins", "CAN_MANAGE", True)
numbers = itertools.count(1)


@pytest.fixture
def endpoint(gateway, make_endpoint) -> types.SimpleNamespace:
    """An endpoint of the admin with the entity `one`: name and id."""
    name = make_endpoint(entities=[external_entity(name="one")])
    return types.SimpleNamespace(name=name, id=gateway.call("GET", f"{ENDPOINTS}/{name}").ok()["id"])


def to(level, **whom: str) -> serving.ServingEndpointAccessControlRequest:
    return serving.ServingEndpointAccessControlRequest(permission_level=level, **whom)


def grants_of(answer) -> list[tuple]:
    """(name, level, inherited) of each right in an answer of either API, in its order."""
    return [
        (
            entry.user_name or entry.group_name or entry.service_principal_name,
            right.permission_level.value,
            right.inherited,
        )
        for entry in answer.access_control_list
        for right in entry.all_permissions
    ]


def test_the_levels(workspace, recorder, endpoint):
    with recorder.expects(f"GET {RIGHTS}/{endpoint.id}/permissionLevels"):
        found = workspace.serving_endpoints.get_permission_levels(endpoint.id).permission_levels
    assert [one.permission_level for one in found] == [VIEW, QUERY, MANAGE]
    assert all(one.description for one in found)
    with recorder.expects(f"GET {RIGHTS}/{endpoint.id}/permissionLevels"):
        same = workspace.permissions.get_permission_levels(OBJECTS, endpoint.id).permission_levels
    assert [(one.permission_level.value, one.description) for one in same] == [
        (one.permission_level.value, one.description) for one in found
    ]


def test_the_creator_manages_and_admins_inherit_it(make_person, free_name):
    person = make_person("workspace-access")
    made = person.w.serving_endpoints.create_and_wait(free_name)
    assert made.creator == person.name
    with person.recorder.expects(f"GET {RIGHTS}/{made.id}"):
        found = person.w.serving_endpoints.get_permissions(made.id)
    assert (found.object_id, found.object_type) == (f"/serving-endpoints/{made.id}", "serving-endpoint")
    assert grants_of(found) == [(person.name, "CAN_MANAGE", False), ADMINS]
    assert found.access_control_list[-1].all_permissions[0].inherited_from_object == ["/serving-endpoints/"]
    with person.recorder.expects(f"GET {RIGHTS}/{made.id}"):
        assert grants_of(person.w.permissions.get(OBJECTS, made.id)) == grants_of(found)


def test_set_replaces_and_update_merges(workspace, recorder, endpoint, make_person):
    one, two = make_person().name, make_person().name
    with recorder.expects(f"PATCH {RIGHTS}/{endpoint.id}"):
        found = workspace.serving_endpoints.update_permissions(
            endpoint.id, access_control_list=[to(VIEW, user_name=one)]
        )
    assert grants_of(found) == [("admin", "CAN_MANAGE", False), (one, "CAN_VIEW", False), ADMINS]
    with recorder.expects(f"PATCH {RIGHTS}/{endpoint.id}"):
        found = workspace.serving_endpoints.update_permissions(
            endpoint.id, access_control_list=[to(QUERY, user_name=one), to(VIEW, user_name=two)]
        )
    assert grants_of(found)[1:] == [(one, "CAN_QUERY", False), (two, "CAN_VIEW", False), ADMINS]
    with recorder.expects(f"PUT {RIGHTS}/{endpoint.id}"):
        found = workspace.serving_endpoints.set_permissions(
            endpoint.id, access_control_list=[to(MANAGE, user_name=two)]
        )
    assert grants_of(found) == [(two, "CAN_MANAGE", False), ADMINS]
    with recorder.expects(f"PUT {RIGHTS}/{endpoint.id}"):
        assert grants_of(workspace.serving_endpoints.set_permissions(endpoint.id)) == [ADMINS]
    assert grants_of(workspace.serving_endpoints.get_permissions(endpoint.id)) == [ADMINS]


def test_set_and_update_by_the_general_api(workspace, recorder, endpoint, make_person):
    one, two = make_person().name, make_person().name
    Request, Any = iam.AccessControlRequest, iam.PermissionLevel
    with recorder.expects(f"PUT {RIGHTS}/{endpoint.id}"):
        found = workspace.permissions.set(
            OBJECTS,
            endpoint.id,
            access_control_list=[Request(user_name=one, permission_level=Any.CAN_MANAGE)],
        )
    assert (found.object_id, found.object_type) == (f"/serving-endpoints/{endpoint.id}", "serving-endpoint")
    assert grants_of(found) == [(one, "CAN_MANAGE", False), ADMINS]
    with recorder.expects(f"PATCH {RIGHTS}/{endpoint.id}"):
        found = workspace.permissions.update(
            OBJECTS, endpoint.id, access_control_list=[Request(user_name=two, permission_level=Any.CAN_QUERY)]
        )
    assert grants_of(found) == [(one, "CAN_MANAGE", False), (two, "CAN_QUERY", False), ADMINS]
    # The level of another kind of object.
    wrong = [Request(user_name=two, permission_level=Any.CAN_RUN)]
    with recorder.expects(f"PATCH {RIGHTS}/{endpoint.id}"), pytest.raises(errors.InvalidParameterValue):
        workspace.permissions.update(OBJECTS, endpoint.id, access_control_list=wrong)
    assert grants_of(workspace.permissions.get(OBJECTS, endpoint.id)) == grants_of(found)


def test_each_kind_of_grantee(
    workspace, recorder, endpoint, make_person, make_group, service_principal, sdk_as
):
    """By name, through a group, through a group inside a group, as a service principal with a token and with OAuth."""
    by_name, by_group, by_nested_group, nobody = (make_person() for _ in range(4))
    inner = make_group(by_nested_group.id)
    outer = make_group(by_group.id, inner.id)
    with recorder.expects(f"PATCH {RIGHTS}/{endpoint.id}"):
        found = workspace.serving_endpoints.update_permissions(
            endpoint.id,
            access_control_list=[
                to(QUERY, user_name=by_name.name),
                to(QUERY, group_name=outer.name),
                to(QUERY, service_principal_name=service_principal.application_id),
            ],
        )
    assert grants_of(found)[1:] == [
        (by_name.name, "CAN_QUERY", False),
        (outer.name, "CAN_QUERY", False),
        (service_principal.application_id, "CAN_QUERY", False),
        ADMINS,
    ]
    with_token, _ = sdk_as(service_principal.token())
    with_oauth, _ = sdk_as(
        client_id=service_principal.application_id, client_secret=service_principal.secret()
    )
    for w in (by_name.w, by_group.w, by_nested_group.w, with_token, with_oauth):
        assert w.serving_endpoints.query(name=endpoint.name, messages=[hello()]).choices
        level = w.serving_endpoints.get(endpoint.name).permission_level
        assert level == serving.ServingEndpointDetailedPermissionLevel.CAN_QUERY
    assert (
        outcome(nobody.w.serving_endpoints.query, name=endpoint.name, messages=[hello()])
        == "PermissionDenied"
    )
    # Who leaves the group is let in no more, from the next call on.
    workspace.groups.patch(
        inner.id,
        operations=[iam.Patch(op=iam.PatchOp.REMOVE, path=f'members[value eq "{by_nested_group.id}"]')],
        schemas=[iam.PatchSchema.URN_IETF_PARAMS_SCIM_API_MESSAGES_2_0_PATCH_OP],
    )
    for person, said in ((by_nested_group, "PermissionDenied"), (by_group, "ok")):
        assert outcome(person.w.serving_endpoints.query, name=endpoint.name, messages=[hello()]) == said


# An update may only name secrets that its caller may read; this one brings its key with it.
OWN_KEY = openai_entity("one", openai_api_key=None, openai_api_key_plaintext=PLAINTEXT_KEY)

# Each call of w.serving_endpoints on an endpoint that is there, what it sends (N: name, I: id), and the level it takes.
CALLS = [
    ("get", lambda w, at: w.get(at.name), "GET {E}/{N}", VIEW),
    ("export_metrics", lambda w, at: w.export_metrics(at.name), "GET {E}/{N}/metrics", VIEW),
    ("logs", lambda w, at: w.logs(at.name, "one"), "GET {E}/{N}/served-models/one/logs", VIEW),
    (
        "build_logs",
        lambda w, at: w.build_logs(at.name, "one"),
        "GET {E}/{N}/served-models/one/build-logs",
        VIEW,
    ),
    ("get_permissions", lambda w, at: w.get_permissions(at.id), "GET {R}/{I}", VIEW),
    (
        "get_permission_levels",
        lambda w, at: w.get_permission_levels(at.id),
        "GET {R}/{I}/permissionLevels",
        VIEW,
    ),
    (
        "query",
        lambda w, at: w.query(name=at.name, messages=[hello()]),
        "POST /serving-endpoints/{N}/invocations",
        QUERY,
    ),
    ("patch", lambda w, at: w.patch(at.name), "PATCH {E}/{N}/tags", MANAGE),
    ("put", lambda w, at: w.put(at.name, rate_limits=[]), "PUT {E}/{N}/rate-limits", MANAGE),
    ("put_ai_gateway", lambda w, at: w.put_ai_gateway(at.name), "PUT {E}/{N}/ai-gateway", MANAGE),
    (
        "update_notifications",
        lambda w, at: w.update_notifications(at.name, email_notifications=serving.EmailNotifications()),
        "PATCH {E}/{N}/notifications",
        MANAGE,
    ),
    (
        "update_config",
        lambda w, at: w.update_config(at.name, served_entities=[OWN_KEY]),
        "PUT {E}/{N}/config",
        MANAGE,
    ),
    ("update_permissions", lambda w, at: w.update_permissions(at.id), "PATCH {R}/{I}", MANAGE),
    ("delete", lambda w, at: w.delete(at.name), "DELETE {E}/{N}", MANAGE),
]


@pytest.mark.parametrize(
    "level", [None, VIEW, QUERY, MANAGE], ids=lambda level: level.value if level else "nothing"
)
def test_what_a_level_allows(gateway, endpoint, make_person, level):
    """Each call takes one request, whatever becomes of it."""
    person = make_person()
    if level is not None:
        gateway.grant(endpoint.name, level.value, user_name=person.name)
    order = [None, VIEW, QUERY, MANAGE]
    with person.recorder.expects(f"GET {ENDPOINTS}"):
        seen = endpoint.name in [one.name for one in person.w.serving_endpoints.list()]
    assert seen is (level is not None)
    said = {}
    for name, call, line, _ in CALLS:
        with person.recorder.expects(line.format(E=ENDPOINTS, R=RIGHTS, N=endpoint.name, I=endpoint.id)):
            said[name] = outcome(call, person.w.serving_endpoints, endpoint)
    assert said == {
        name: "ok" if order.index(level) >= order.index(least) else "PermissionDenied"
        for name, _, _, least in CALLS
    }


def test_who_may_query_is_asked_on_every_path(gateway, endpoint, make_person):
    """Also where the name stands in the body, and of a path that names the served entity."""
    viewer, asker = make_person(), make_person()
    gateway.grant(endpoint.name, "CAN_VIEW", user_name=viewer.name)
    gateway.grant(endpoint.name, "CAN_QUERY", user_name=asker.name)
    named, unnamed = {"messages": MESSAGES}, {"model": endpoint.name, "messages": MESSAGES}
    for path, body in (
        (f"/serving-endpoints/{endpoint.name}/invocations", named),
        (f"/serving-endpoints/{endpoint.name}/served-models/one/invocations", named),
        ("/serving-endpoints/chat/completions", unnamed),
        ("/ai-gateway/mlflow/v1/chat/completions", unnamed),
        (f"/endpoints/{endpoint.name}/invocations", named),
    ):
        assert gateway.call("POST", path, body, token=asker.token).status == 200, path
        assert gateway.call("POST", path, body, token=viewer.token).status == 403, path
    cancel = f"{ENDPOINTS}/{endpoint.name}/config:cancel"
    assert gateway.call("POST", cancel, token=asker.token).error_code == "PERMISSION_DENIED"


def test_rights_as_the_openai_client_sees_them(endpoint, gateway, make_person):
    """To it the models are those that it may query."""
    viewer, asker, stranger = (make_person() for _ in range(3))
    gateway.grant(endpoint.name, "CAN_VIEW", user_name=viewer.name)
    gateway.grant(endpoint.name, "CAN_QUERY", user_name=asker.name)
    for person, asks in ((viewer, False), (asker, True), (stranger, False)):
        client = openai.OpenAI(base_url=f"{person.recorder.url}/serving-endpoints", api_key=person.token)
        with person.recorder.expects("GET /serving-endpoints/models"):
            assert (endpoint.name in [one.id for one in client.models.list()]) is asks
        with person.recorder.expects("POST /serving-endpoints/chat/completions"):
            if asks:
                assert client.chat.completions.create(model=endpoint.name, messages=MESSAGES).choices
            else:
                with pytest.raises(openai.PermissionDeniedError):
                    client.chat.completions.create(model=endpoint.name, messages=MESSAGES)


def test_rights_as_mlflow_sees_them(endpoint, gateway, make_person, clients_of):
    viewer, stranger = make_person(), make_person()
    gateway.grant(endpoint.name, "CAN_VIEW", user_name=viewer.name)
    for person, sees in ((viewer, True), (stranger, False)):
        recorder = clients_of(gateway, token=person.token)
        client = get_deploy_client("databricks")
        with recorder.expects(f"GET {ENDPOINTS}/", discoveries=None):
            assert (endpoint.name in [one["name"] for one in client.list_endpoints()]) is sees
        for line, call in (
            (
                f"POST /serving-endpoints/{endpoint.name}/invocations",
                lambda: client.predict(endpoint=endpoint.name, inputs={"messages": MESSAGES}),
            ),
            (
                f"PATCH {ENDPOINTS}/{endpoint.name}/tags",
                lambda: client.update_endpoint_tags(endpoint=endpoint.name, config={"delete_tags": ["a"]}),
            ),
            (f"DELETE {ENDPOINTS}/{endpoint.name}", lambda: client.delete_endpoint(endpoint.name)),
        ):
            with recorder.expects(line, discoveries=None), pytest.raises(requests.HTTPError) as refused:
                call()
            assert refused.value.response.status_code == 403


def test_a_right_that_is_taken_away_ends_with_the_next_call(workspace, endpoint, make_person):
    person = make_person()
    workspace.serving_endpoints.update_permissions(
        endpoint.id, access_control_list=[to(MANAGE, user_name=person.name)]
    )
    assert outcome(person.w.serving_endpoints.patch, endpoint.name) == "ok"
    workspace.serving_endpoints.update_permissions(
        endpoint.id, access_control_list=[to(VIEW, user_name=person.name)]
    )
    assert outcome(person.w.serving_endpoints.patch, endpoint.name) == "PermissionDenied"
    assert outcome(person.w.serving_endpoints.get, endpoint.name) == "ok"
    workspace.serving_endpoints.set_permissions(endpoint.id, access_control_list=[])
    assert outcome(person.w.serving_endpoints.get, endpoint.name) == "PermissionDenied"
    assert endpoint.name not in [one.name for one in person.w.serving_endpoints.list()]


def test_who_manages_may_share_and_may_shut_himself_out(make_person, free_name, workspace):
    """The creator has no right beside the grants; admins keep theirs."""
    owner, other = make_person("workspace-access"), make_person()
    made = owner.w.serving_endpoints.create_and_wait(free_name)
    owner.w.serving_endpoints.set_permissions(made.id, access_control_list=[to(MANAGE, user_name=other.name)])
    assert outcome(owner.w.serving_endpoints.get, free_name) == "PermissionDenied"
    assert outcome(owner.w.serving_endpoints.set_permissions, made.id) == "PermissionDenied"
    assert workspace.serving_endpoints.get(free_name).creator == owner.name
    assert outcome(other.w.serving_endpoints.delete, free_name) == "ok"


def test_who_may_create(make_person, free_name):
    """The entitlement workspace-access, and neither more nor less."""
    for entitlements, said in (((), "PermissionDenied"), (("workspace-access",), "ok")):
        person = make_person(*entitlements)
        with person.recorder.expects(f"POST {ENDPOINTS}"):
            assert outcome(person.w.serving_endpoints.create, free_name) == said


@pytest.mark.parametrize(
    "wrong",
    [
        to(VIEW, user_name="nobody@rights.example.com"),
        to(VIEW, group_name="no such group"),
        to(VIEW, service_principal_name="00000000-0000-0000-0000-000000000000"),
        to(VIEW, user_name="admins"),
        to(VIEW),
        to(None, user_name="admin"),
        to(VIEW, user_name="admin", group_name="users"),
    ],
    ids=lambda one: "+".join(one.as_dict()),
)
def test_grants_that_are_wrong_change_nothing(workspace, recorder, endpoint, wrong):
    before = grants_of(workspace.serving_endpoints.get_permissions(endpoint.id))
    for line, call in (
        (f"PUT {RIGHTS}/{endpoint.id}", workspace.serving_endpoints.set_permissions),
        (f"PATCH {RIGHTS}/{endpoint.id}", workspace.serving_endpoints.update_permissions),
    ):
        with recorder.expects(line), pytest.raises(errors.InvalidParameterValue):
            call(endpoint.id, access_control_list=[to(VIEW, group_name="users"), wrong])
    assert grants_of(workspace.serving_endpoints.get_permissions(endpoint.id)) == before


def test_an_endpoint_that_is_not_there(workspace, recorder, endpoint):
    """Rights go by id: a name is none, and the id of one that was deleted is no more."""
    workspace.serving_endpoints.delete(endpoint.name)
    for one in (endpoint.id, endpoint.name, "0" * 32):
        for line, call in (
            (f"GET {RIGHTS}/{one}/permissionLevels", workspace.serving_endpoints.get_permission_levels),
            (f"GET {RIGHTS}/{one}", workspace.serving_endpoints.get_permissions),
            (f"PUT {RIGHTS}/{one}", workspace.serving_endpoints.set_permissions),
            (f"PATCH {RIGHTS}/{one}", workspace.serving_endpoints.update_permissions),
        ):
            with recorder.expects(line), pytest.raises(errors.ResourceDoesNotExist):
                call(one)


def test_a_new_endpoint_of_an_old_name_has_new_rights(workspace, endpoint, make_person, make_endpoint):
    person = make_person()
    workspace.serving_endpoints.update_permissions(
        endpoint.id, access_control_list=[to(MANAGE, user_name=person.name)]
    )
    workspace.serving_endpoints.delete(endpoint.name)
    make_endpoint(name=endpoint.name)
    assert outcome(person.w.serving_endpoints.get, endpoint.name) == "PermissionDenied"


@pytest.fixture
def scope(gateway) -> str:
    """A secret scope with the secret k, of this test alone."""
    one = f"scope-of-rights-{next(numbers)}"
    gateway.call("POST", "/api/2.0/secrets/scopes/create", {"scope": one}).ok()
    gateway.call("POST", "/api/2.0/secrets/put", {"scope": one, "key": "k", "string_value": "v"}).ok()
    yield one
    gateway.call("POST", "/api/2.0/secrets/scopes/delete", {"scope": one}).ok()


def test_a_group_s_right_on_a_secret_scope(workspace, recorder, scope, make_person, make_group, free_name):
    """Of its members, those of groups inside it too; what they may read they may refer to in an endpoint."""
    member, nested, other = (make_person("workspace-access") for _ in range(3))
    inner = make_group(nested.id)
    group = make_group(member.id, inner.id)
    AclPermission = workspace_service.AclPermission
    with recorder.expects("POST /api/2.0/secrets/acls/put"):
        workspace.secrets.put_acl(scope, group.name, AclPermission.READ)
    with recorder.expects(f"GET /api/2.0/secrets/acls/list?scope={scope}"):
        listed = [(one.principal, one.permission) for one in workspace.secrets.list_acls(scope)]
    assert sorted(listed, key=str) == sorted(
        [("admin", AclPermission.MANAGE), (group.name, AclPermission.READ)], key=str
    )
    for person, said in ((member, "ok"), (nested, "ok"), (other, "PermissionDenied")):
        assert outcome(person.w.secrets.get_secret, scope, "k") == said
        assert outcome(person.w.secrets.put_secret, scope, "k", string_value="w") == "PermissionDenied"
        assert (scope in [one.name for one in person.w.secrets.list_scopes()]) is (said == "ok")
    entity = openai_entity("one", openai_api_key=f"{{{{secrets/{scope}/k}}}}")
    wanted = config(entity)
    with other.recorder.expects(f"POST {ENDPOINTS}"), pytest.raises(
        errors.InvalidParameterValue, match=scope
    ):
        other.w.serving_endpoints.create(free_name, config=wanted)
    with nested.recorder.expects(f"POST {ENDPOINTS}"):
        assert outcome(nested.w.serving_endpoints.create, free_name, config=wanted) == "ok"
    # More than one right: the highest counts. A group that is deleted gives none.
    workspace.secrets.put_acl(scope, inner.name, AclPermission.MANAGE)
    assert outcome(nested.w.secrets.put_acl, scope, "users", AclPermission.READ) == "ok"
    assert outcome(member.w.secrets.put_acl, scope, "users", AclPermission.READ) == "PermissionDenied"
    workspace.secrets.delete_acl(scope, "users")
    workspace.groups.delete(group.id)
    assert outcome(member.w.secrets.get_secret, scope, "k") == "PermissionDenied"
    assert outcome(nested.w.secrets.get_secret, scope, "k") == "ok"
