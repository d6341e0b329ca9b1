"""What a step script imports as `stepwell`: the run that it belongs to, its data, a way to report, and a door to the workspace.

Standard library only, Python 3.8 and later, so that it works in whatever interpreter the step brings. The package of the
same name in the tool's own interpreter holds the whole vocabulary; in the process of a step this one comes first.
"""

from stepwell.errors import RunEnvironmentException, UserErrorException
from stepwell.run import Run

__all__ = ["Run", "RunEnvironmentException", "UserErrorException"]

_AUTHORING = frozenset({
    "CommandStep", "ComputeTarget", "Dataset", "Datastore", "Environment", "Experiment", "Model", "OutputFileDatasetConfig",
    "Pipeline", "PipelineData", "PipelineEndpoint", "PipelineParameter", "PublishedPipeline", "PythonScriptStep", "Schedule",
    "ScriptRunConfig", "Workspace",
})  # fmt: skip


def __getattr__(name: str) -> object:
    if name in _AUTHORING:
        from stepwell.remote import remote_class

        return remote_class(name, f"stepwell:{name}")
    raise AttributeError(f"module 'stepwell' has no attribute {name!r}")
