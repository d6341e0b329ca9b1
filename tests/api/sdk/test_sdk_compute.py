"""Compute targets as notebooks use them, kept as definitions of the workspace."""

from __future__ import annotations

import pytest

from stepwell import Pipeline, PythonScriptStep, Workspace
from stepwell.sdk.compute import attached
from stepwell.sdk.compute.aml import AmlCompute, ComputeInstance
from stepwell.sdk.compute.base import ComputeTarget
from stepwell.sdk.exceptions import ComputeTargetException, UserErrorException
from stepwell_store.ledger.compute import find_target


def test_the_usual_opening_of_a_notebook(made: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ComputeTargetException, match=r"\AComputeTargetNotFound: .*cpu-cluster") as caught:
        AmlCompute(made, "cpu-cluster")
    assert caught.value.message.startswith("ComputeTargetNotFound")
    config = AmlCompute.provisioning_configuration(vm_size="STANDARD_D2_V2", min_nodes="1", max_nodes="3")
    created = ComputeTarget.create(made, "cpu-cluster", config)
    created.wait_for_completion(show_output=True, min_node_count=None, timeout_in_minutes=20)  # type: ignore[call-arg]
    assert "Succeeded" in capsys.readouterr().out
    for found in (ComputeTarget(made, "cpu-cluster"), AmlCompute(workspace=made, name="cpu-cluster"), made.compute_targets["cpu-cluster"]):
        assert type(found) is AmlCompute
        assert (found.name, found.type, found.provisioning_state, found.provisioning_errors) == (
            "cpu-cluster", "AmlCompute", "Succeeded", None)
    status = found.get_status()
    assert status.scale_settings.maximum_node_count == 3
    assert (status.serialize()["vmSize"], status.serialize()["currentNodeCount"]) == ("STANDARD_D2_V2", 1)


def test_the_largest_number_of_nodes_is_the_limit_of_steps(made: Workspace) -> None:
    target = ComputeTarget.create(made, "c1", AmlCompute.provisioning_configuration(max_nodes=2))
    kept = find_target(made.open().database, "c1")
    assert kept is not None
    assert (kept.kind, kept.max_steps) == ("local", 2)
    target.update(max_nodes="5")  # type: ignore[attr-defined]
    again = find_target(made.open().database, "c1")
    assert again is not None
    assert again.max_steps == 5
    assert AmlCompute(made, "c1").get_status().scale_settings.maximum_node_count == 5
    target.delete()
    assert made.compute_targets == {}


def test_a_step_runs_on_a_cluster(made: Workspace) -> None:
    (made.open().base / "s.py").write_text("print('on a cluster')")
    cluster = ComputeTarget.create(made, "cpu-cluster", AmlCompute.provisioning_configuration(max_nodes=1))
    for target in (cluster, "cpu-cluster"):
        run = Pipeline(made, [PythonScriptStep("s.py", compute_target=target)]).submit("on-a-cluster")
        assert run.wait_for_completion(show_output=False) == "Finished"
        assert next(run.get_steps()).get_properties()["ComputeTargetType"] == "cpu-cluster"


@pytest.mark.parametrize("name", ["local", "amlcompute", "ContainerInstance"])
def test_reserved_names(made: Workspace, name: str) -> None:
    with pytest.raises(UserErrorException, match="reserved"):
        ComputeTarget.create(made, name, AmlCompute.provisioning_configuration())


@pytest.mark.parametrize("numbers", [{"max_nodes": "many"}, {"max_nodes": 0}, {"min_nodes": 3, "max_nodes": 2}])
def test_numbers_that_are_none(numbers: dict[str, object]) -> None:
    with pytest.raises(ComputeTargetException):
        AmlCompute.provisioning_configuration(**numbers)  # type: ignore[arg-type]


def test_every_attached_kind_comes_back_as_its_class_and_without_its_secrets(made: Workspace) -> None:
    configurations = {
        "db": (attached.DatabricksCompute, attached.DatabricksCompute.attach_configuration("rg", "ws", access_token="hush"), "Databricks"),
        "adla": (attached.AdlaCompute, attached.AdlaCompute.attach_configuration("rg", "a"), "DataLakeAnalytics"),
        "batch": (attached.BatchCompute, attached.BatchCompute.attach_configuration("rg", "a"), "Batch"),
        "adf": (attached.DataFactoryCompute, attached.DataFactoryCompute.attach_configuration("rg", "f"), "DataFactory"),
        "hdi": (attached.HDInsightCompute, attached.HDInsightCompute.attach_configuration("u", address="a", password="hush"), "HDInsight"),
        "vm": (attached.RemoteCompute, attached.RemoteCompute.attach_configuration("u", "a", password="hush"), "VirtualMachine"),
        "kusto": (attached.KustoCompute, attached.KustoCompute.attach_configuration("rg", application_key="hush"), "Kusto"),
        "aks": (attached.AksCompute, attached.AksCompute.attach_configuration("rg", "c"), "AKS"),
        "k8s": (attached.KubernetesCompute, attached.KubernetesCompute.attach_configuration("id"), "Kubernetes"),
        "ci": (ComputeInstance, ComputeInstance.provisioning_configuration("STANDARD_D2_V2"), "ComputeInstance"),
    }
    for name, (kind, configuration, word) in configurations.items():
        found = ComputeTarget.attach(made, name, configuration)
        assert (type(found), found.type) == (kind, word)
    assert sorted(target.name for target in ComputeTarget.list(made)) == sorted(configurations)
    assert not [row for row in made.open().database.read("SELECT properties FROM compute") if "hush" in row[0]]


def test_a_name_that_nobody_gave_is_said(made: Workspace) -> None:
    with pytest.raises(UserErrorException, match="the name of a compute target is a str, not None"):
        ComputeTarget.create(made, None, AmlCompute.provisioning_configuration())  # type: ignore[arg-type]
