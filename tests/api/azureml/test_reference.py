"""docs/azureml-v1.md says what is true."""

from __future__ import annotations

import re
from pathlib import Path

from stepwell.azureml import finder, reference
from stepwell.azureml.members import class_named, of_member
from stepwell.azureml.surface import MODULES

DOCUMENT = Path(__file__).parents[3] / "docs" / "azureml-v1.md"
MEMBERS = "## Methods and attributes"


def test_names_and_their_support_are_those_of_the_code() -> None:
    written = DOCUMENT.read_text(encoding="utf-8").partition(MEMBERS)[0]
    assert written == reference.text().partition(MEMBERS)[0], "`make docs` writes it anew"


def test_every_method_and_attribute_that_is_written_down_is_there() -> None:
    written = DOCUMENT.read_text(encoding="utf-8").partition(MEMBERS)[2]
    listed = re.findall(r"(?m)^\* \*\*(\w+)\*\*: ([^;\n]*)(?:; refused: (.*))?$", written)
    assert len(listed) > 50
    for name, members, refused in listed:
        assert class_named(name) is not None, name
        for member in re.findall(r"`(\w+)`", members):
            assert of_member(name, member).level == "runs", f"{name}.{member}: `make docs` writes the table anew"
        for member in re.findall(r"`(\w+)`", refused):
            assert of_member(name, member).level == "refused", f"{name}.{member}: `make docs` writes the table anew"


def test_what_runs_can_be_imported_and_what_is_refused_says_so() -> None:
    from stepwell.azureml.support import of_name

    for name in {name for names in MODULES.values() for name in names}:
        if of_name(name).level != "missing":
            assert finder.resolve(name) is not None, name
