"""Which words of a cell that installs packages are left to pip."""

from __future__ import annotations

import pytest

from stepwell.azureml.installs import without_sdk

NOTHING = "print('Stepwell serves azureml here; there is nothing to install')\n"


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("!pip install --upgrade azureml-sdk[notebooks,automl]==1.0.74\n", NOTHING),
        ("%pip install 'azureml-core' \"azureml_dataprep[pandas]\" azureml\n", NOTHING),
        ("    !{sys.executable} -m pip install azureml-core --index https://example.org/simple --no-deps\n", "    " + NOTHING),
        ("!python3 -m pip install -U azureml-sdk lightgbm matplotlib\n", "!python3 -m pip install -U lightgbm matplotlib\n"),
        ("pip install azureml-widgets pandas\n", "pip install pandas\n"),
        ("!conda install -y azureml-sdk\n", NOTHING),
        ("!pip show azureml-sdk\n", "!pip show azureml-sdk\n"),
        ("pip = 'install azureml-sdk'\n", "pip = 'install azureml-sdk'\n"),
        ("from azureml.core import Workspace\n", "from azureml.core import Workspace\n"),
    ],
)
def test_packages_of_the_sdk_are_left_out(line: str, left: str) -> None:
    assert without_sdk(["x = 1\n", line]) == ["x = 1\n", left]
