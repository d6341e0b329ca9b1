"""Steps written for Azure Databricks, run on the Spark that is here."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from stepwell.sdk.databricks_files import here, jar_here
from stepwell.sdk.environment import Environment
from stepwell.sdk.exceptions import PipelineError
from stepwell.sdk.libraries import EggLibrary, JarLibrary, MavenLibrary, PyPiLibrary, RCranLibrary
from stepwell.sdk.parameter import PipelineParameter
from stepwell.sdk.spark import as_conf
from stepwell.sdk.steps.base import PipelineStep, StepOptions
from stepwell_runner.graph.model import Fact, InputRef, Joined, OutputRef, PythonRef, Spark, Text, Token

if TYPE_CHECKING:
    from stepwell.sdk.references import References

_LAUNCH = (PythonRef(), Text("-m"), Text("stepwell.databricks"))
_IDS: tuple[tuple[str, Token], ...] = (
    ("AZUREML_RUN_TOKEN", Text("local")),
    ("AZUREML_RUN_TOKEN_EXPIRY", Text("4102444800")),
    ("AZUREML_RUN_ID", Fact("step_run")),
    ("AZUREML_ARM_SUBSCRIPTION", Text("local")),
    ("AZUREML_ARM_RESOURCEGROUP", Text("local")),
    ("AZUREML_ARM_WORKSPACE_NAME", Fact("workspace")),
    ("AZUREML_ARM_PROJECT_NAME", Fact("experiment")),
    ("AZUREML_SERVICE_ENDPOINT", Text("local")),
    ("AZUREML_WORKSPACE_ID", Fact("workspace")),
    ("AZUREML_EXPERIMENT_ID", Fact("experiment")),
    ("AZUREML_SCRIPT_DIRECTORY_NAME", Text(".")),
)
"""What Azure ML tells a task on Databricks beside its own parameters."""


class DatabricksStep(PipelineStep):
    """Runs a notebook, a Python script or a class of a jar on Spark; `num_workers` is how many threads it gets.

    A notebook (`.py` as Databricks exports it, or `.ipynb`) or script that lies in Databricks must lie here too: by its path, or by
    its name beside the pipeline or in `source_directory`. What describes the cluster is kept in `cluster` and reported, it has no
    meaning here.
    """

    __slots__ = ("cluster", "conf", "jars", "libraries", "main_class", "notebook_params", "task", "threads", "title", "words")

    def __init__(
        self, name: str, inputs: Iterable[Any] | None = None, outputs: Iterable[Any] | None = None, existing_cluster_id: str | None = None,
        spark_version: str | None = None, node_type: str | None = None, instance_pool_id: str | None = None, num_workers: int | None = None,
        min_workers: int | None = None, max_workers: int | None = None, spark_env_variables: Mapping[str, Any] | None = None,
        spark_conf: Mapping[str, Any] | None = None, init_scripts: Any = None, cluster_log_dbfs_path: str | None = None,
        notebook_path: str | None = None, notebook_params: Mapping[str, Any] | None = None, python_script_path: str | None = None,
        python_script_params: Iterable[Any] | None = None, main_class_name: str | None = None, jar_params: Iterable[Any] | None = None,
        python_script_name: str | None = None, source_directory: Any = None, hash_paths: Sequence[str] | None = None,
        run_name: str | None = None, timeout_seconds: float | None = None, runconfig: Any = None,
        maven_libraries: Sequence[MavenLibrary] | None = None, pypi_libraries: Sequence[PyPiLibrary] | None = None,
        egg_libraries: Sequence[EggLibrary] | None = None, jar_libraries: Sequence[JarLibrary] | None = None,
        rcran_libraries: Sequence[RCranLibrary] | None = None, compute_target: Any = None, allow_reuse: bool = True,
        version: str | None = None, permit_cluster_restart: bool | None = None,
    ) -> None:  # fmt: skip
        self.task = _the_task(name, notebook_path=notebook_path, python_script_path=python_script_path,
                              python_script_name=python_script_name, main_class_name=main_class_name)  # fmt: skip
        _check_workers(name, num_workers, min_workers, max_workers, bool(existing_cluster_id or runconfig))
        self.threads = num_workers or max_workers
        self.cluster = _said(existing_cluster_id=existing_cluster_id, spark_version=spark_version, node_type=node_type,
                             instance_pool_id=instance_pool_id, init_scripts=init_scripts, cluster_log_dbfs_path=cluster_log_dbfs_path,
                             permit_cluster_restart=permit_cluster_restart, rcran_libraries=rcran_libraries)  # fmt: skip
        self.conf = {key: value for key, value in (spark_conf or {}).items() if not key.startswith("spark.databricks.")}
        self.libraries = _libraries(runconfig, maven_libraries=maven_libraries, pypi_libraries=pypi_libraries,
                                    egg_libraries=egg_libraries, jar_libraries=jar_libraries)  # fmt: skip
        self.title, self.main_class, self.notebook_params = run_name, main_class_name, dict(notebook_params or {})
        self.words = _in_order(python_script_params or jar_params)
        folder, script = self._script(name, source_directory, python_script_name, notebook_path or python_script_path)
        self.jars = [jar_here(name, library.library) for library in self.libraries["jar_libraries"]]
        options = _options(timeout_seconds, hash_paths, script if python_script_name is None else None, self.jars,
                           spark_env_variables, self._environment(runconfig))  # fmt: skip
        super().__init__(name, script_name=script, arguments=[*self.words, *self.notebook_params.values()], inputs=inputs, outputs=outputs,
                         compute_target=compute_target or None, runconfig=runconfig, source_directory=folder, allow_reuse=allow_reuse,
                         version=version, options=options)  # fmt: skip
        self._report()

    @property
    def default_target(self) -> str:
        """Spark."""
        return "spark"

    def spark(self) -> Spark:
        """What it asks of Spark."""
        maven: list[MavenLibrary] = self.libraries["maven_libraries"]
        excluded = [exclusion for library in maven for exclusion in library.exclusions]
        conf = {**({"spark.jars.excludes": ",".join(excluded)} if excluded else {}), **self.conf}
        return Spark(
            master=f"local[{self.threads}]" if self.threads else None,
            app_name=self.title,
            packages=tuple(library.coordinates for library in maven if library.coordinates),
            repositories=tuple(library.repo for library in maven if library.repo),
            jars=tuple(self.jars[1:] if self.main_class else self.jars),
            py_files=tuple(library.library for library in self.libraries["egg_libraries"] if library.library),
            conf=as_conf(conf),
        )

    def command(self, references: References) -> tuple[Token, ...]:
        """The task with what it is told: its ports, the names of the run, its parameters."""
        named: list[tuple[str, Token]] = [(port, InputRef(port)) for port in self.inputs]
        named += [(port, OutputRef(port)) for port in self.outputs]
        named += _IDS
        if self.task == "notebook_path":
            named += [(key, references.token(value)) for key, value in self.notebook_params.items()]
            return (*_LAUNCH, Text("notebook"), Text(self._file()), *[_pair(key, token) for key, token in named])
        words = [word for value in self.words for word in _words(value, references)]
        told = (*[word for key, token in named for word in (Text(f"--{key}"), token)], *words)
        if self.task == "main_class_name":
            if not self.jars:
                raise PipelineError(f"step '{self.name}' runs the class {self.main_class} of no jar",
                                    todo="Give it jar_libraries=[JarLibrary(path)].")
            return (Text("spark-submit"), Text("--class"), Text(str(self.main_class)), Text(self.jars[0]), *told)
        return (*_LAUNCH, Text("script"), Text(self._file()), *told)

    def _file(self) -> str:
        assert self.script_name is not None
        return self.script_name

    def _script(self, name: str, folder: Any, uploaded: str | None, path: str | None) -> tuple[Any, str | None]:
        """The source folder and the script in it."""
        if uploaded is not None:
            return folder, uploaded
        if path is None:
            return folder, None
        found = here(name, path, folder)
        return os.path.dirname(found), os.path.basename(found)

    def _environment(self, runconfig: Any) -> Environment | None:
        """One with the Python libraries that the cluster would install; None when there are none."""
        wanted: list[PyPiLibrary] = self.libraries["pypi_libraries"]
        if not wanted:
            return None
        base = runconfig.environment.python.conda_dependencies if runconfig is not None else None
        packages = [*(base.pip_packages if base is not None else ()), *[str(library.package) for library in wanted]]
        indexes = sorted({f"--extra-index-url {library.repo}" for library in wanted if library.repo})
        return Environment.from_packages("databricks-libraries", [*indexes, *packages])

    def _report(self) -> None:
        if self.cluster:
            warnings.warn(f"step '{self.name}' runs on the Spark that is here; it has no use for: {', '.join(self.cluster)}", stacklevel=3)


def _the_task(step: str, **tasks: Any) -> str:
    given = [kind for kind, value in tasks.items() if value]
    if len(given) != 1:
        said = f"both {' and '.join(given)}" if given else "nothing to run"
        raise PipelineError(f"DatabricksStep '{step}' has {said}", todo=f"Give it exactly one of: {', '.join(tasks)}.")
    return given[0]


def _said(**facts: Any) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value}


def _libraries(runconfig: Any, **given: Sequence[Any] | None) -> dict[str, list[Any]]:
    """What the step names, by its kind, and then what its run configuration names."""
    configured = runconfig.environment.databricks if runconfig is not None else None
    return {kind: [*(libraries or ()), *getattr(configured, kind, ())] for kind, libraries in given.items()}


def _check_workers(step: str, number: int | None, least: int | None, most: int | None, known: bool) -> None:
    if number is not None and (least is not None or most is not None):
        raise PipelineError(f"DatabricksStep '{step}' has num_workers and min_workers or max_workers", todo="Give it one or the other.")
    if not known and number is None and (least is None or most is None):
        raise PipelineError(f"DatabricksStep '{step}' says neither num_workers nor min_workers and max_workers",
                            todo="Without existing_cluster_id it needs one of them.")
    for value in (number, least, most):
        if value is not None and (not isinstance(value, int) or value < 0):
            raise PipelineError(f"DatabricksStep '{step}' cannot have {value!r} workers")


def _in_order(given: Iterable[Any] | None) -> list[Any]:
    """The parameters as a list; a set has no order of its own, and one that changes would be a reason to run again."""
    return sorted(given, key=str) if isinstance(given, (set, frozenset)) else list(given or ())


def _words(value: Any, references: References) -> list[Token]:
    """A pipeline parameter is told by its name and its value."""
    token = references.token(value)
    return [Text(value.name), token] if isinstance(value, PipelineParameter) else [token]


def _pair(key: str, token: Token) -> Token:
    parts = token.parts if isinstance(token, Joined) else (token,)
    return Joined((Text(f"{key}="), *parts))


def _options(timeout: float | None, hash_paths: Sequence[str] | None, alone: str | None, jars: Sequence[str],
             variables: Mapping[str, Any] | None, environment: Environment | None) -> StepOptions:
    """`alone` is a script that was found by its path: nothing else of its folder belongs to it but what it imports."""
    options = StepOptions(hash_paths=[*(hash_paths or ()), *jars])
    options["environment_variables"] = {key: value for key, value in (variables or {}).items() if not key.startswith("PYSPARK_")}
    if timeout:
        options["timeout_seconds"] = timeout
    if alone is not None:
        options["narrow"] = True
    if environment is not None:
        options["environment"] = environment
    return options
