"""Every public method of the clients' classes is called by a test that counts its requests: TABLE says by which, and here it
is checked that the table is whole and that it is true."""

import ast
import functools
import inspect
import pathlib
import re

import pytest
from mlflow.deployments.databricks import DatabricksDeploymentClient
from mlflow.deployments.mlflow import MlflowDeploymentClient

HERE = pathlib.Path(__file__).parent
SDK = [
    "serving_endpoints",
    "serving_endpoints_data_plane",
    "secrets",
    "permissions",
    "users",
    "groups",
    "service_principals",
    "service_principal_secrets_proxy",
    "tokens",
    "token_management",
    "current_user",
]
MLFLOW = {"mlflow_client": DatabricksDeploymentClient, "http_client": MlflowDeploymentClient}

# A method, and the tests that call it, in a block that counts the requests.
TABLE = {
    "serving_endpoints.build_logs": "test_observe.py::test_an_external_model_is_not_built",
    "serving_endpoints.create": "test_sdk_endpoints.py::test_create_with_every_member",
    "serving_endpoints.create_and_wait": "test_sdk_endpoints.py::test_create_and_wait",
    "serving_endpoints.create_provisioned_throughput_endpoint": "test_sdk_endpoints.py::test_provisioned_throughput_comes_later",
    "serving_endpoints.create_provisioned_throughput_endpoint_and_wait": "test_sdk_endpoints.py::test_provisioned_throughput_comes_later",
    "serving_endpoints.delete": "test_sdk_endpoints.py::test_delete",
    "serving_endpoints.export_metrics": "test_observe.py::test_metrics",
    "serving_endpoints.get": "test_sdk_endpoints.py::test_get_and_list",
    "serving_endpoints.get_langchain_chat_open_ai_client": "test_sdk_query.py::test_the_langchain_client_of_the_sdk",
    "serving_endpoints.get_open_ai_client": "test_sdk_query.py::test_making_the_openai_client_takes_no_request",
    "serving_endpoints.get_open_api": "test_openapi.py::test_the_sdk_reads_the_document_of_an_endpoint",
    "serving_endpoints.get_permission_levels": "test_permissions.py::test_the_levels",
    "serving_endpoints.get_permissions": "test_permissions.py::test_the_creator_manages_and_admins_inherit_it",
    "serving_endpoints.http_request": "test_sdk_query.py::test_http_request_is_not_implemented",
    "serving_endpoints.list": "test_sdk_endpoints.py::test_get_and_list",
    "serving_endpoints.logs": "test_observe.py::test_logs",
    "serving_endpoints.patch": "test_sdk_endpoints.py::test_patch_tags",
    "serving_endpoints.patch_telemetry_config": "test_sdk_endpoints.py::test_patch_telemetry_config",
    "serving_endpoints.put": "test_sdk_endpoints.py::test_put_rate_limits",
    "serving_endpoints.put_ai_gateway": "test_sdk_endpoints.py::test_put_ai_gateway",
    "serving_endpoints.query": "test_sdk_query.py::test_query_chat",
    "serving_endpoints.set_permissions": "test_permissions.py::test_set_replaces_and_update_merges",
    "serving_endpoints.update_config": "test_sdk_updates.py::test_waiting_for_a_slow_creation_and_a_slow_update",
    "serving_endpoints.update_config_and_wait": "test_sdk_endpoints.py::test_update_config",
    "serving_endpoints.update_notifications": "test_sdk_endpoints.py::test_update_notifications",
    "serving_endpoints.update_permissions": "test_permissions.py::test_set_replaces_and_update_merges",
    "serving_endpoints.update_provisioned_throughput_endpoint_config": "test_sdk_endpoints.py::test_provisioned_throughput_comes_later",
    "serving_endpoints.update_provisioned_throughput_endpoint_config_and_wait": "test_sdk_endpoints.py::test_provisioned_throughput_comes_later",
    "serving_endpoints.wait_get_serving_endpoint_not_updating": "test_sdk_updates.py::test_waiting_when_nothing_is_under_way_takes_one_request",
    "serving_endpoints_data_plane.query": "test_sdk_query.py::test_the_data_plane",
    "secrets.create_scope": "test_sdk_secrets.py::test_scopes",
    "secrets.delete_acl": "test_sdk_secrets.py::test_acls",
    "secrets.delete_scope": "test_sdk_secrets.py::test_scopes",
    "secrets.delete_secret": "test_sdk_secrets.py::test_secrets",
    "secrets.get_acl": "test_sdk_secrets.py::test_acls",
    "secrets.get_secret": "test_sdk_secrets.py::test_secrets",
    "secrets.list_acls": "test_sdk_secrets.py::test_acls",
    "secrets.list_scopes": "test_sdk_secrets.py::test_scopes",
    "secrets.list_secrets": "test_sdk_secrets.py::test_secrets",
    "secrets.put_acl": "test_sdk_secrets.py::test_acls",
    "secrets.put_secret": "test_sdk_secrets.py::test_secrets",
    "permissions.get": "test_permissions.py::test_the_creator_manages_and_admins_inherit_it",
    "permissions.get_permission_levels": "test_permissions.py::test_the_levels",
    "permissions.set": "test_permissions.py::test_set_and_update_by_the_general_api",
    "permissions.update": "test_permissions.py::test_set_and_update_by_the_general_api",
    "users.create": "test_sdk_identity.py::test_users",
    "users.delete": "test_sdk_identity.py::test_users",
    "users.get": "test_sdk_identity.py::test_users",
    "users.get_permission_levels": "test_sdk_identity.py::test_rights_to_passwords_are_not_ours",
    "users.get_permissions": "test_sdk_identity.py::test_rights_to_passwords_are_not_ours",
    "users.list": "test_sdk_identity.py::test_listing_users",
    "users.patch": "test_sdk_identity.py::test_users",
    "users.set_permissions": "test_sdk_identity.py::test_rights_to_passwords_are_not_ours",
    "users.update": "test_sdk_identity.py::test_users",
    "users.update_permissions": "test_sdk_identity.py::test_rights_to_passwords_are_not_ours",
    "groups.create": "test_sdk_identity.py::test_groups",
    "groups.delete": "test_sdk_identity.py::test_groups",
    "groups.get": "test_sdk_identity.py::test_groups",
    "groups.list": "test_sdk_identity.py::test_listing_groups",
    "groups.patch": "test_sdk_identity.py::test_groups",
    "groups.update": "test_sdk_identity.py::test_groups",
    "service_principals.create": "test_sdk_identity.py::test_service_principals",
    "service_principals.delete": "test_sdk_identity.py::test_service_principals",
    "service_principals.get": "test_sdk_identity.py::test_service_principals",
    "service_principals.list": "test_sdk_identity.py::test_listing_service_principals",
    "service_principals.patch": "test_sdk_identity.py::test_service_principals",
    "service_principals.update": "test_sdk_identity.py::test_service_principals",
    "service_principal_secrets_proxy.create": "test_sdk_tokens.py::test_secrets_of_a_service_principal",
    "service_principal_secrets_proxy.delete": "test_sdk_tokens.py::test_secrets_of_a_service_principal",
    "service_principal_secrets_proxy.list": "test_sdk_tokens.py::test_secrets_of_a_service_principal",
    "tokens.create": "test_sdk_tokens.py::test_tokens",
    "tokens.delete": "test_sdk_tokens.py::test_tokens",
    "tokens.list": "test_sdk_tokens.py::test_tokens",
    "tokens.update": "test_sdk_tokens.py::test_changing_a_token_is_not_implemented",
    "token_management.create_obo_token": "test_sdk_tokens.py::test_token_management",
    "token_management.delete": "test_sdk_tokens.py::test_token_management",
    "token_management.get": "test_sdk_tokens.py::test_token_management",
    "token_management.get_permission_levels": "test_sdk_tokens.py::test_who_may_have_tokens_is_not_ours_to_set",
    "token_management.get_permissions": "test_sdk_tokens.py::test_who_may_have_tokens_is_not_ours_to_set",
    "token_management.list": "test_sdk_tokens.py::test_token_management",
    "token_management.set_permissions": "test_sdk_tokens.py::test_who_may_have_tokens_is_not_ours_to_set",
    "token_management.update_permissions": "test_sdk_tokens.py::test_who_may_have_tokens_is_not_ours_to_set",
    "token_management.update_token_management": "test_sdk_tokens.py::test_changing_a_token_is_not_implemented",
    "current_user.me": "test_sdk_identity.py::test_me",
    "mlflow_client.create_deployment": "test_mlflow.py::test_what_the_client_itself_does_not_implement",
    "mlflow_client.create_endpoint": "test_mlflow.py::test_create_with_name_and_config",
    "mlflow_client.create_endpoint (whole body)": "test_mlflow.py::test_create_with_the_whole_body_as_config",
    "mlflow_client.delete_deployment": "test_mlflow.py::test_what_the_client_itself_does_not_implement",
    "mlflow_client.delete_endpoint": "test_mlflow.py::test_delete_and_get_after_it",
    "mlflow_client.explain": "test_mlflow.py::test_what_the_client_itself_does_not_implement",
    "mlflow_client.get_deployment": "test_mlflow.py::test_what_the_client_itself_does_not_implement",
    "mlflow_client.get_endpoint": "test_mlflow.py::test_get",
    "mlflow_client.list_deployments": "test_mlflow.py::test_what_the_client_itself_does_not_implement",
    "mlflow_client.list_endpoints": "test_mlflow.py::test_list",
    "mlflow_client.predict": "test_mlflow.py::test_predict_chat",
    "mlflow_client.predict (completions)": "test_mlflow.py::test_predict_completions",
    "mlflow_client.predict (embeddings)": "test_mlflow.py::test_predict_embeddings",
    "mlflow_client.predict_stream": "test_mlflow.py::test_predict_stream",
    "mlflow_client.update_deployment": "test_mlflow.py::test_what_the_client_itself_does_not_implement",
    "mlflow_client.update_endpoint": "test_mlflow.py::test_update_endpoint_of_a_config",
    "mlflow_client.update_endpoint (rate limits)": "test_mlflow.py::test_update_endpoint_of_rate_limits",
    "mlflow_client.update_endpoint_ai_gateway": "test_mlflow.py::test_update_ai_gateway",
    "mlflow_client.update_endpoint_config": "test_mlflow.py::test_update_endpoint_config",
    "mlflow_client.update_endpoint_rate_limits": "test_mlflow.py::test_update_rate_limits",
    "mlflow_client.update_endpoint_tags": "test_mlflow.py::test_update_tags",
    "http_client.create_deployment": "test_mlflow_gateway.py::test_what_the_client_itself_does_not_implement",
    "http_client.create_endpoint": "test_mlflow_gateway.py::test_what_the_client_itself_does_not_implement",
    "http_client.delete_deployment": "test_mlflow_gateway.py::test_what_the_client_itself_does_not_implement",
    "http_client.delete_endpoint": "test_mlflow_gateway.py::test_what_the_client_itself_does_not_implement",
    "http_client.explain": "test_mlflow_gateway.py::test_what_the_client_itself_does_not_implement",
    "http_client.get_deployment": "test_mlflow_gateway.py::test_what_the_client_itself_does_not_implement",
    "http_client.get_endpoint": "test_mlflow_gateway.py::test_get",
    "http_client.list_deployments": "test_mlflow_gateway.py::test_what_the_client_itself_does_not_implement",
    "http_client.list_endpoints": "test_mlflow_gateway.py::test_list",
    "http_client.predict": "test_mlflow_gateway.py::test_predict",
    "http_client.predict_stream": "test_mlflow_gateway.py::test_what_the_client_itself_does_not_implement",
    "http_client.update_deployment": "test_mlflow_gateway.py::test_what_the_client_itself_does_not_implement",
    "http_client.update_endpoint": "test_mlflow_gateway.py::test_what_the_client_itself_does_not_implement",
}

# What the gateway answers 501.
LATER = {
    "serving_endpoints.create_provisioned_throughput_endpoint",
    "serving_endpoints.create_provisioned_throughput_endpoint_and_wait",
    "serving_endpoints.update_provisioned_throughput_endpoint_config",
    "serving_endpoints.update_provisioned_throughput_endpoint_config_and_wait",
    "serving_endpoints.http_request",
    "users.get_permission_levels",
    "users.get_permissions",
    "users.set_permissions",
    "users.update_permissions",
    "tokens.update",
    "token_management.get_permission_levels",
    "token_management.get_permissions",
    "token_management.set_permissions",
    "token_management.update_permissions",
    "token_management.update_token_management",
}


def public_methods(kind: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(kind, callable) if not name.startswith("_")}


@functools.cache
def functions_of(file: str) -> dict[str, ast.FunctionDef]:
    tree = ast.parse((HERE / file).read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def calls_of(
    node: ast.AST, receiver: str, method: str, around: tuple[str, ...] = ()
) -> list[tuple[str, ...]]:
    """For each call of the method in the test: what the `with` statements around it say, the outermost first."""
    found = []
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method:
        if ast.unparse(node.func.value).split(".")[-1] == receiver:
            found.append(around)
    for child in ast.iter_child_nodes(node):
        inside = around
        if isinstance(node, ast.With) and child in node.body:
            inside += tuple(ast.unparse(item.context_expr) for item in node.items)
        found += calls_of(child, receiver, method, inside)
    return found


def arguments_of(counting: str) -> int:
    """How many requests `recorder.expects(…)` or `sends(…)` stands for."""
    return len(ast.parse(counting, mode="eval").body.args)


@pytest.mark.parametrize("which", [*SDK, *MLFLOW])
def test_every_method_is_in_the_table(workspace, which):
    methods = public_methods(MLFLOW.get(which) or type(getattr(workspace, which)))
    assert methods and {f"{which}.{name}" for name in methods} == {
        key.partition(" ")[0] for key in TABLE if key.startswith(f"{which}.")
    }


def test_the_table_has_nothing_else():
    assert {key.partition(".")[0] for key in TABLE} == {*SDK, *MLFLOW} and LATER <= set(TABLE)


@pytest.mark.parametrize("entry", TABLE)
def test_the_test_of_a_method_counts_its_requests(entry):
    """What works is called where nothing is raised, what comes later where NotImplemented is, after one request, and what the
    client itself has not takes none."""
    file, _, name = TABLE[entry].partition("::")
    assert name in functions_of(file), f"{file} has no {name}"
    test = functions_of(file)[name]
    receiver, _, method = entry.partition(" ")[0].partition(".")
    for around in calls_of(test, receiver, method):
        counting = [one for one in around if re.match(r"(\w+\.)*(expects|sends)\(", one)]
        refusing = [one for one in around if re.match(r"pytest\.raises\(|refused_with\(", one)]
        if not counting:
            continue
        if entry in LATER:
            if refusing == ["pytest.raises(errors.NotImplemented)"] and arguments_of(counting[-1]) == 1:
                return
        elif name == "test_what_the_client_itself_does_not_implement":
            if arguments_of(counting[-1]) == 0 and "NotImplementedError" in ast.unparse(test):
                return
        elif not refusing:
            return
    pytest.fail(f"{TABLE[entry]} makes no such call of {entry} in a block that counts its requests")


def readme() -> str:
    return (HERE / "README.md").read_text(encoding="utf-8")


def test_every_test_that_the_readme_names_is_there():
    """`test_a.py::test_b`, `test_a.py`, and `::test_b`, which belongs to the file named last."""
    named = re.findall(r"`(test_\w+\.py)?(?:::(test_\w+))?`", readme())
    named = [(file, name) for file, name in named if file or name]
    assert len(named) > 50
    last = ""
    for file, name in named:
        last = file or last
        assert (HERE / last).is_file(), last
        assert not name or name in functions_of(last), f"{last} has no {name}"


def test_the_readme_names_every_file_of_tests():
    files = {path.name for path in HERE.glob("test_*.py")}
    kinds = set(re.findall(r"`(test_\w*\*\.py)`", readme()))
    assert {
        file
        for file in files
        if f"`{file}`" not in readme() and not any(map(pathlib.PurePath(file).match, kinds))
    } == set()


def test_the_readme_has_every_row_of_the_checklist():
    rows = re.findall(r"^\| (\d+) \|.*\| (.+) \|$", readme(), re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 15))
    assert [number for number, shown in rows if "::test_" not in shown] == []
