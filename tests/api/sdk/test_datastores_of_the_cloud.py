"""Datastores of the cloud are definitions; a folder of this machine may stand for one, and a database file for a database."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from stepwell import Dataset, Datastore, Pipeline, PythonScriptStep, Workspace
from stepwell.sdk.datastore import AzureBlobDatastore, AzureFileDatastore, AzureSqlDatabaseDatastore
from stepwell.sdk.exceptions import HttpOperationError, UserErrorException
from stepwell.sdk.sql_reference import SqlDataReference, StoredProcedureParameter
from stepwell_store.errors import MachineError
from stepwell_store.ledger.definitions import map_address

CONTAINER = "https://pipelinedata.blob.core.windows.net/sampledata"


@pytest.fixture
def folder(made: Workspace) -> Path:
    """A folder with a table, as it would be in a container."""
    found = made.open().base / "copy"
    (found / "iris").mkdir(parents=True)
    (found / "iris" / "iris.csv").write_text("n,word\n2,a\n3,b\n")
    return found


def test_what_cannot_be_reached_says_what_to_do(made: Workspace) -> None:
    store = Datastore.register_azure_blob_container(made, "public", "sampledata", "pipelinedata", overwrite=True)
    assert type(store) is AzureBlobDatastore
    assert (store.datastore_type, store.account_name, store.container_name, store.credential_type) == (
        "AzureBlob", "pipelinedata", "sampledata", "None")
    with pytest.raises(MachineError, match=rf"datastore public is AzureBlob at {CONTAINER}(?s:.*)datastore map {CONTAINER} FOLDER"):
        store.download("x", prefix="iris")
    with pytest.raises(MachineError, match="datastore map"):
        Dataset.Tabular.from_delimited_files((store, "iris/*.csv"))
    assert Dataset.Tabular.from_delimited_files((store, "iris/*.csv"), validate=False).definition.places
    assert sorted(made.datastores) == ["public", "workspaceblobstore", "workspacefilestore"]


def test_a_folder_stands_for_a_container_and_for_its_addresses(made: Workspace, folder: Path) -> None:
    map_address(made.open().database, CONTAINER + "/", folder)
    store = Datastore.register_azure_blob_container(made, datastore_name="public", container_name="sampledata", account_name="pipelinedata")
    assert store.download(str(folder.parent / "got"), prefix="iris", show_progress=False) == 1
    assert (folder.parent / "got" / "iris" / "iris.csv").exists()
    table = Dataset.Tabular.from_delimited_files(store.path("iris/"))
    assert table.to_pandas_dataframe()["n"].tolist() == [2, 3]
    for address in (CONTAINER, "wasbs://sampledata@pipelinedata.blob.core.windows.net"):
        assert Dataset.File.from_files(f"{address}/iris/iris.csv?sv=1").to_path() == ["/iris.csv"]
        assert Dataset.File.from_files(f"{address}/**/*.csv").to_path() == ["/iris/iris.csv"]
    (folder.parent / "s.py").write_text("import sys; print(open(sys.argv[1]).read())")
    data = Dataset.File.from_files(f"{CONTAINER}/iris/iris.csv").as_named_input("d").as_mount()
    run = Pipeline(made, [PythonScriptStep("s.py", name="s", arguments=[data])]).submit("served")
    assert run.wait_for_completion(show_output=False) == "Finished"
    assert "2,a" in run.find_step_run("s")[0].get_stdout_log()


def test_a_container_of_the_workspaces_own_account_is_a_folder_of_it(made: Workspace, tmp_path: Path) -> None:
    own = made.get_default_datastore()
    (tmp_path / "a.txt").write_text("x")
    for _ in range(2):
        store = Datastore.register_azure_blob_container(made, "predictions", "scores", own.account_name, account_key=own.account_key,
                                                        create_if_not_exists=True)  # fmt: skip
    store.upload_files([str(tmp_path / "a.txt")], target_path="in", show_progress=False)
    assert (made.open().root / "datastores" / "scores" / "in" / "a.txt").read_text() == "x"
    same = Datastore.register_azure_blob_container(made, "again", own.container_name, own.account_name)
    same.upload_files([str(tmp_path / "a.txt")], target_path="seen", show_progress=False)
    assert Dataset.File.from_files((own, "seen/*")).to_path() == ["/a.txt"]


def test_the_environment_maps_addresses_too(made: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEPWELL_ADDRESSES", f"https://a.example/x=/nowhere; {CONTAINER}={folder}")
    assert Dataset.File.from_files(f"{CONTAINER}/iris").to_path() == ["/iris.csv"]


def test_keys_are_secrets(made: Workspace) -> None:
    store = Datastore.register_azure_file_share(made, "share", "s", "acc", account_key="hush-key")
    assert type(store) is AzureFileDatastore
    assert (store.account_key, store.credential_type, store.is_sas) == ("hush-key", "AccountKey", False)
    assert made.get_default_keyvault().list_secrets() == []
    root = made.open().root
    assert [path.name for path in root.rglob("*") if path.is_file() and b"hush-key" in path.read_bytes()] == ["secrets.json"]
    store.unregister()
    assert b"hush-key" not in (root / "secrets.json").read_bytes()


def test_every_kind_is_registered_and_found(made: Workspace) -> None:
    Datastore.register_azure_data_lake(made, "lake", "store", "t", "c", "hush")
    Datastore.register_azure_data_lake_gen2(made, "lake2", "fs", "acc")
    Datastore.register_azure_sql_database(made, "sql", "server", "db", username="u", password="hush")
    Datastore.register_azure_postgre_sql(made, "pg", "server", "db", "u", "hush")
    Datastore.register_azure_my_sql(made, "my", "server", "db", "u", "hush")
    Datastore.register_dbfs(made, "dbfs")
    Datastore.register_hdfs(made, "hdfs", "http", "node:50070")
    assert {name: Datastore.get(made, name).datastore_type for name in made.datastores} == {
        "workspaceblobstore": "AzureBlob", "workspacefilestore": "AzureFile", "lake": "AzureDataLake", "lake2": "AzureDataLakeGen2",
        "sql": "AzureSqlDatabase", "pg": "AzurePostgreSql", "my": "AzureMySql", "dbfs": "DBFS", "hdfs": "Hdfs"}


def test_names(made: Workspace) -> None:
    first = Datastore.register_azure_blob_container(made, "d", "c", "a")
    assert Datastore.register_azure_blob_container(made, "d", "c", "a") == first  # what a script does on every run
    with pytest.raises(UserErrorException, match="already"):
        Datastore.register_azure_blob_container(made, "d", "other", "a")
    Datastore.register_azure_blob_container(made, "d", "other", "a", overwrite=True)
    for kind in (HttpOperationError, UserErrorException):
        with pytest.raises(kind, match="no datastore nothing"):
            Datastore.get(made, "nothing")
    first.set_as_default()
    assert made.get_default_datastore().name == "d"


def test_a_database_file_stands_for_a_database(made: Workspace) -> None:
    file = made.open().base / "shop.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE sales (n INTEGER, word TEXT)")
        connection.executemany("INSERT INTO sales VALUES (?, ?)", [(1, "x"), (2, "y")])
        connection.commit()
    map_address(made.open().database, "https://server.database.windows.net/shop", file)
    store = Datastore.register_azure_sql_database(made, "sql", "server", "shop")
    assert (type(store), store.database_name) == (AzureSqlDatabaseDatastore, "shop")
    table = Dataset.Tabular.from_sql_query((store, "SELECT word FROM sales WHERE n > 1"))
    assert table.to_pandas_dataframe()["word"].tolist() == ["y"]
    with pytest.raises(UserErrorException, match="the query cannot be run"):
        Dataset.Tabular.from_sql_query((store, "SELECT nothing FROM nowhere")).to_pandas_dataframe()
    reference = SqlDataReference(store, "sales", sql_table="sales")
    assert (str(reference), reference.input_source().options["query"]) == ("$AZUREML_DATAREFERENCE_sales", "SELECT * FROM sales")


def test_references_to_databases(made: Workspace) -> None:
    store = Datastore.register_azure_sql_database(made, "sql", "server", "shop")
    procedure = SqlDataReference(store, sql_stored_procedure="p", sql_stored_procedure_params=[StoredProcedureParameter("a", "1")])
    assert len(procedure.data_reference_name) == 32
    with pytest.raises(UserErrorException, match="stored procedure"):
        procedure.input_source()
    with pytest.raises(UserErrorException, match="has no files"):
        procedure.as_mount()
    with pytest.raises(ValueError, match="exactly one"):
        SqlDataReference(store, sql_table="t", sql_query="q")
