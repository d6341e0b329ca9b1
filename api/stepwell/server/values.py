"""From what a request says of parameters to values of a submission: checked, and never an address that the server would go and read."""

from __future__ import annotations

from stepwell.server import shapes
from stepwell.server.refusals import Refusal
from stepwell_runner.graph.model import Graph, Parameter, Scalar
from stepwell_store.data.definition import DatasetDefinition
from stepwell_store.errors import UsageError
from stepwell_store.ledger import definitions
from stepwell_store.workspace import Workspace

_ON_DATASTORE = "azureml://datastores/"

Value = Scalar | DatasetDefinition


def values_of(workspace: Workspace, graph: Graph, data: shapes.Submission) -> dict[str, Value]:
    """The values for those parameters that the graph has; other names are ignored. Refusal 422 for what does not fit."""
    declared = {parameter.name: parameter for parameter in graph.parameters}
    found: dict[str, Value] = {
        name: _plain(declared[name], value) for name, value in data.parameter_assignments.items() if name in declared and value is not None}
    found |= {name: _place(one) for name, one in data.data_path_assignments.items() if name in declared}
    found |= {name: _data(workspace, name, one) for name, one in data.data_set_definition_value_assignments.items() if name in declared}
    return found


def _plain(parameter: Parameter, value: Scalar) -> Scalar:
    if parameter.type == "data":
        if not isinstance(value, str) or not value.startswith(_ON_DATASTORE):
            raise Refusal(422, f"parameter '{parameter.name}' is data: it takes a dataset, or {_ON_DATASTORE}NAME/paths/PATH")
        return value
    if parameter.type == "string" and not isinstance(value, str):
        return str(value)
    return value


def _place(one: shapes.DataPathAssignment) -> str:
    return f"{_ON_DATASTORE}{one.data_store_name}/paths/{one.relative_path}"


def _data(workspace: Workspace, name: str, one: shapes.DataSetValue) -> Value:
    if one.literal_value is not None:
        return _place(one.literal_value)
    reference = one.saved_data_set_reference or one.data_set_reference
    if reference is None:
        raise Refusal(422, f"parameter '{name}': SavedDataSetReference, DataSetReference or LiteralValue is needed")
    try:
        return _dataset(workspace, reference)
    except UsageError as error:
        raise Refusal(422, f"parameter '{name}': {error.what}") from None


def _dataset(workspace: Workspace, reference: shapes.DataSetId) -> DatasetDefinition:
    version = reference.version
    if version is not None:
        if not (version.isascii() and version.isdigit() and len(version) < 10):
            raise UsageError(f"{version!r} is no version of a dataset")
        return workspace.dataset(reference.id, int(version))
    return definitions.definition_by_id(workspace.database, reference.id) or workspace.dataset(reference.id)
