"""Tables, queries and stored procedures of databases, as steps that move data name them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any

from stepwell.sdk.exceptions import PipelineError, UserErrorException
from stepwell.sdk.given_names import long
from stepwell.sdk.ports import InputPortBinding
from stepwell_store.data.definition import DatasetDefinition, DatastorePath

if TYPE_CHECKING:
    from stepwell.sdk.datastore import Datastore


class StoredProcedureParameterType(Enum):
    """Types of parameters of stored procedures."""

    String = "String"
    Int = "Int"
    Decimal = "Decimal"
    Guid = "Guid"
    Boolean = "Boolean"
    Date = "Date"


class StoredProcedureParameter:
    """A parameter of a stored procedure with its value."""

    def __init__(self, name: str, value: str, type: StoredProcedureParameterType | None = None) -> None:  # noqa: A002
        self.name, self.value, self.type = name, value, type or StoredProcedureParameterType.String

    def __repr__(self) -> str:
        return f"StoredProcedureParameter({self.name!r}, {self.value!r}, {self.type.value})"


class SqlDataReference:
    """A table, a query or a stored procedure of a database; exactly one of them."""

    mode = "direct"

    def __init__(
        self,
        datastore: Datastore,
        data_reference_name: str | None = None,
        sql_table: str | None = None,
        sql_query: str | None = None,
        sql_stored_procedure: str | None = None,
        sql_stored_procedure_params: Sequence[StoredProcedureParameter] | None = None,
    ) -> None:
        given = [one for one in (sql_table, sql_query, sql_stored_procedure) if one is not None]
        if len(given) != 1:
            raise PipelineError("a SqlDataReference needs exactly one of sql_table, sql_query and sql_stored_procedure")
        self.datastore = datastore
        self.data_reference_name = data_reference_name or long(datastore.name, *given)
        self.sql_table, self.sql_query, self.sql_stored_procedure = sql_table, sql_query, sql_stored_procedure
        self.sql_stored_procedure_params = list(sql_stored_procedure_params or ())

    @property
    def name(self) -> str:
        """The same as `data_reference_name`."""
        return self.data_reference_name

    @property
    def definition(self) -> DatasetDefinition:
        """What it names as a table. UserErrorException for a stored procedure, which only its own server can run."""
        if self.sql_stored_procedure is not None:
            raise UserErrorException(
                f"the stored procedure {self.sql_stored_procedure} of datastore {self.datastore.name} cannot run here",
                todo="Give the query that it makes as sql_query.",
            )
        query = self.sql_query if self.sql_query is not None else f"SELECT * FROM {self.sql_table}"  # noqa: S608  the author's own database
        places = (DatastorePath(self.datastore.name, ""),)
        return DatasetDefinition(kind="tabular", places=places, format="sql", options={"query": query})

    def input_port(self) -> InputPortBinding:
        """What listing it in `inputs` means."""
        return InputPortBinding(self.name, self, "direct")

    def input_source(self) -> DatasetDefinition:
        """The data that an input bound to it reads."""
        return self.definition

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise UserErrorException(f"{self.name} is a {'table' if self.sql_table else 'query'} and has no files")

    path = as_mount = as_download = as_upload = _refuse

    def __str__(self) -> str:
        return f"$AZUREML_DATAREFERENCE_{self.name}"

    def __repr__(self) -> str:
        return f"SqlDataReference({self.datastore.name!r}, {self.name!r})"
