"""Charts that are not ours: healthy, every link holds; with one thing wrong, that very link is named and no other."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from scrape_doctor import checks
from scrape_doctor.chain import CHAIN, diagnosis, walk
from scrape_doctor.checks import target
from scrape_doctor.finding import State
from scrape_doctor.snapshot import HelmRelease
from tests.scrape_doctor.cases import CASES
from tests.scrape_doctor.faults import Fault, both, container, probe, put, scrape, waiting
from tests.scrape_doctor.world import SETTINGS, healthy

FORBIDS_TEAM = {"matchExpressions": [{"key": "team", "operator": "DoesNotExist"}]}


@pytest.mark.parametrize("chart", SETTINGS)
def test_a_healthy_foreign_release_is_whole(chart: str) -> None:
    examined = walk(healthy(chart).snapshot())
    assert [each for each in examined if each.finding.state in (State.BROKEN, State.NOT_CHECKED)] == []
    assert {e.link.name for e in examined if e.finding.state is State.OK} >= {"image", "pods", "target", "samples"}


@pytest.mark.parametrize(
    ("chart", "link", "cause", "fault"), CASES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_one_fault_is_named_and_nothing_else(chart: str, link: str, cause: str, fault: Fault) -> None:
    world = healthy(chart)
    fault(world)
    examined = walk(world.snapshot())
    broken = [(e.link.name, e.finding.cause) for e in examined if e.finding.state is State.BROKEN]
    assert broken == [(link, cause)]
    found = diagnosis(examined)
    assert found is not None
    assert found.finding.message
    assert found.finding.fix


def test_every_link_is_broken_by_some_case() -> None:
    assert {link for _, link, _, _ in CASES} == {link.name for link in CHAIN}


def test_every_cause_is_named_by_some_case() -> None:
    assert {cause for _, _, cause, _ in CASES} == set(causes())


def causes() -> Iterator[str]:
    """Yield every code that the links can give, as their source has it."""
    for module in Path(checks.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            match node:
                case ast.Call(func=ast.Name(id="broken"), args=[ast.JoinedStr() as code, *_]):
                    yield from (f"{word}{ast.literal_eval(code.values[1])}" for word in ("monitor", "rule"))
                case ast.Call(func=ast.Name(id="broken"), args=[ast.IfExp(body=one, orelse=other), *_]):
                    yield from (ast.literal_eval(one), ast.literal_eval(other))
                case ast.Call(func=ast.Name(id="broken"), args=[ast.Constant(value=str(code)), *_]):
                    yield code
                case ast.Assign(targets=[ast.Tuple(elts=[ast.Name(id="cause"), *_])], value=ast.Tuple(elts=[code, *_])):
                    yield ast.literal_eval(code)
    yield from (code for _, code in target.CAUSES)
    yield from target.FIXES


@pytest.mark.parametrize(
    ("chart", "fault", "fix"),
    [
        (
            "ledger",
            put("servicemonitors", "metadata", "labels", value={}),
            "kubectl -n observability label servicemonitor ledger release=kps --overwrite",
        ),
        (
            "choosy",
            put("namespaces", "metadata", "labels", value={}),
            "kubectl label namespace store watched=true",
        ),
        (
            "umbrella",
            probe(404, "/ready", kind="readiness", ready=False),
            'kubectl -n garage patch deployment car-engine --type=json -p \'[{"op":"replace",'
            '"path":"/spec/template/spec/containers/0/readinessProbe/httpGet/path","value":"/ready"}]\'',
        ),
        (
            "ledger",
            put("servicemonitors", "spec", "endpoints", value=[{"targetPort": 1}, {"port": "sqll"}]),
            "name the Service's port 'sqll' again, or: kubectl -n observability patch servicemonitor ledger "
            '--type=json -p \'[{"op":"replace","path":"/spec/endpoints/1/port","value":"sql"}]\'',
        ),
        (
            "ledger",
            scrape("server returned HTTP status 404 Not Found"),
            "kubectl -n observability patch servicemonitor ledger "
            '--type=json -p \'[{"op":"add","path":"/spec/endpoints/0/path","value":"/metrics"}]\'',
        ),
        (
            "umbrella",
            scrape("server returned HTTP status 404 Not Found"),
            "let the application have its metrics there, or ask where it has them: kubectl -n garage patch "
            'servicemonitor engine --type=json -p \'[{"op":"add","path":"/spec/endpoints/0/path","value":"<path>"}]\'',
        ),
        (
            "choosy",
            put("prometheuses", "spec", "serviceMonitorSelector", value=FORBIDS_TEAM),
            "kubectl -n store label servicemonitor choosy team- --overwrite",
        ),
        (
            "ledger",
            both(
                lambda e: container(e).update(image=f"registry.example.com/bank/ledger@sha256:{'0' * 64}"),
                lambda e: setattr(
                    e, "helm", HelmRelease(1, "deployed", values={"image": {"digest": f"sha256:{'0' * 64}"}})
                ),
                waiting("ErrImagePull", "failed to resolve: not found"),
            ),
            "push it, or set one that exists: helm upgrade books <chart> -n bank --reuse-values "
            "--set image.digest=<digest>; or go back: helm rollback books -n bank",
        ),
        (
            "courier",
            waiting("ImagePullBackOff", "Back-off pulling image"),
            "helm upgrade post <chart> -n mail --reuse-values --set image=<registry>/<you>/<name>",
        ),
    ],
)
def test_the_fix_is_a_command_that_names_everything(chart: str, fault: Fault, fix: str) -> None:
    world = healthy(chart)
    fault(world)
    found = diagnosis(walk(world.snapshot()))
    assert found is not None
    assert found.finding.fix == fix
