import base64

from helm.render import Object, render
from helm.values_files import feature
from tests.chart.conftest import Find


def token(deployment: Object) -> Object | None:
    variables = deployment["spec"]["template"]["spec"]["containers"][0]["env"]
    return next((each["valueFrom"]["secretKeyRef"] for each in variables if each["name"] == "FAULTS_TOKEN"), None)


def test_not_rendered_when_disabled(find: Find) -> None:
    assert "Secret" not in {each["kind"] for each in render()}
    assert token(find("Deployment")) is None


def test_token_is_read_from_the_charts_secret(find: Find) -> None:
    values = feature("faults")
    secret = find("Secret", values)
    held = secret.get("stringData") or {k: base64.b64decode(v).decode() for k, v in secret["data"].items()}
    reference = token(find("Deployment", values))
    assert reference == {"name": secret["metadata"]["name"], "key": "token"}
    assert held == {"token": "correct-horse-battery"}


def test_token_is_in_no_other_object() -> None:
    others = [each for each in render(feature("faults")) if each["kind"] != "Secret"]
    assert "correct-horse-battery" not in str(others)


def test_token_of_ones_own_secret(find: Find) -> None:
    values = feature("faults-existing-secret")
    assert token(find("Deployment", values)) == {"name": "drill", "key": "password"}
    assert "Secret" not in {each["kind"] for each in render(values)}
