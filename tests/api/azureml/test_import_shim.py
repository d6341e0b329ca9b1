"""The import shim: what `azureml` means in a process that Stepwell starts, and that nothing else means it."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from stepwell.azureml.homes import HOMES
from stepwell.azureml.surface import MODULES, STAND_INS
from stepwell_runner.step import TRAVEL

SERVED = "from stepwell.azureml import finder; finder.install()\n"


def says(code: str, *, served: bool = True) -> str:
    """What a fresh interpreter prints, its errors too."""
    words = [sys.executable, "-P", "-c", (SERVED if served else "") + code]
    return subprocess.run(words, capture_output=True, text=True).stdout.strip()


@pytest.mark.parametrize("name", HOMES)
def test_every_name_that_has_a_home_is_there(name: str) -> None:
    assert getattr(import_module(HOMES[name]), name) is not None


def test_every_name_with_a_home_is_in_a_module() -> None:
    assert set(HOMES) <= {name for names in (*MODULES.values(), *STAND_INS.values()) for name in names}


def test_one_class_from_every_module_that_names_it() -> None:
    code = """
import azureml.core
from azureml.core import Workspace as first
from azureml.core.workspace import Workspace as second
import stepwell
print(first is second is azureml.core.workspace.Workspace is stepwell.Workspace, azureml.core.VERSION.count("."))
"""
    assert says(code) == "True 2"


def test_submodules_are_attributes_of_their_packages() -> None:
    assert says("import azureml.core; print(azureml.core.runconfig.RunConfiguration.__name__)") == "RunConfiguration"


def test_what_is_not_there_is_an_import_error_that_names_it() -> None:
    code = """
try:
    from azureml.core import Frobnicator
except ImportError as error:
    print(error.name, "Frobnicator" in str(error), end=" ")
try:
    import azureml.frobnication
except ModuleNotFoundError as error:
    print(error.name, "Stepwell" in str(error), hasattr(__import__("azureml.core").core, "Frobnicator"))
"""
    assert says(code) == "azureml.core True azureml.frobnication True False"


def test_nothing_is_served_unless_it_is_asked_for() -> None:
    code = "import stepwell, importlib.util; print(importlib.util.find_spec('azureml'))"
    assert says(code, served=False) == "None"


def test_an_installed_sdk_is_not_mixed_in(tmp_path: object) -> None:
    code = f"""
import sys, os
os.makedirs({str(tmp_path)!r} + "/azureml/core")
open({str(tmp_path)!r} + "/azureml/core/__init__.py", "w").write("Workspace = 'the real one'")
sys.path.insert(0, {str(tmp_path)!r})
from azureml.core import Workspace
print(Workspace.__module__)
"""
    assert says(code) == "stepwell.sdk.workspace"


def test_what_only_a_service_has_is_imported_and_says_why_when_it_is_used() -> None:
    code = """
from azureml.core.webservice import AciWebservice
from azureml.exceptions import UserErrorException
for use in (lambda: AciWebservice.deploy_configuration(cpu_cores=1), lambda: AciWebservice("x")):
    try:
        use()
    except UserErrorException as error:
        print(error)
"""
    said = says(code).splitlines()
    assert said[0].startswith("AciWebservice.deploy_configuration: ")
    assert said[1].startswith("AciWebservice: ")


REFUSED = """
import azureml.automl.core.shared.constants
from azureml.interpret import ExplanationClient
from azureml.train.automl.utilities import get_primary_metrics
from azureml.train.automl import AutoMLConfig
from azureml.exceptions import UserErrorException
for use in (lambda: ExplanationClient.from_run(1), lambda: get_primary_metrics("x"), azureml.automl.core.shared.constants.Tasks):
    try:
        use()
    except UserErrorException as error:
        print(str(error).split(":")[0], end=" ")
"""


def test_packages_that_are_not_served_are_imported_and_say_why_when_they_are_used() -> None:
    assert says(REFUSED) == "ExplanationClient.from_run get_primary_metrics Tasks"


def test_they_say_so_in_steps_too() -> None:
    code = f"import sys; sys.path.insert(0, {TRAVEL!r})\n"
    assert says(code + REFUSED, served=False) == "ExplanationClient.from_run get_primary_metrics Tasks"


def test_what_comes_with_the_sdk_is_served_only_where_it_is_not_installed(tmp_path: object) -> None:
    assert says("from msrest.exceptions import HttpOperationError; print(HttpOperationError.__module__)") == "stepwell.sdk.exceptions"
    code = f"""
import sys, os
os.makedirs({str(tmp_path)!r} + "/msrest")
open({str(tmp_path)!r} + "/msrest/__init__.py", "w").close()
open({str(tmp_path)!r} + "/msrest/exceptions.py", "w").write("HttpOperationError = 'the real one'")
sys.path.insert(0, {str(tmp_path)!r})
from msrest.exceptions import HttpOperationError
print(HttpOperationError)
"""
    assert says(code) == "the real one"
