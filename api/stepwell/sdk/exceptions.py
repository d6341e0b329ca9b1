"""What the vocabulary raises: Stepwell's own errors that are also the built-in or v1 exceptions that scripts catch."""

from __future__ import annotations

from stepwell_store.errors import MachineError, RunFailed, StepwellError, UsageError


class AzureMLException(StepwellError):
    """Base of the exceptions that v1 names; `message` is its text."""

    def __init__(
        self, exception_message: object = "", inner_exception: BaseException | None = None, *, where: str | None = None,
        todo: str | None = None, **kwargs: object,  # noqa: ARG002  v1 hands further facts to its telemetry
    ) -> None:  # fmt: skip
        super().__init__(str(exception_message), where=where, todo=todo)
        self.inner_exception = inner_exception

    @property
    def message(self) -> str:
        """What happened, in words."""
        return str(self)


class UserErrorException(AzureMLException, UsageError):
    """A name or a value that the author gave is wrong."""


class WorkspaceException(AzureMLException, UsageError):
    """There is no such workspace, or there is one already."""


class ProjectSystemException(WorkspaceException):
    """The same, as older scripts catch it."""


class WorkspacePrivateEndpointException(AzureMLException, UsageError):
    """A private endpoint of a workspace cannot be had."""


class ActivityFailedException(AzureMLException, RunFailed):
    """A run that was waited for failed; `error_details` is the error as JSON text."""

    def __init__(self, error_details: str) -> None:
        super().__init__(f"Activity Failed:\n{error_details}")
        self.error_details = error_details


class AuthenticationException(AzureMLException, UsageError):
    """Somebody could not sign in."""


class ComputeTargetException(AzureMLException, UsageError):
    """A compute target is not there, or cannot be made; the message of a missing one starts with ComputeTargetNotFound."""


class DatasetTimestampMissingError(AzureMLException, UsageError):
    """A table has no column of times, which its method needs."""


class DiscoveryUrlNotFoundException(AzureMLException, MachineError):
    """A service has no address."""


class ExperimentExecutionException(AzureMLException, RunFailed):
    """A run could not be started."""


class ExperimentPreparationException(ExperimentExecutionException):
    """What a run needs could not be made ready."""


class ModelNotFoundException(AzureMLException, UsageError):
    """There is no model of that name."""


class ModelPathNotFoundException(AzureMLException, UsageError):
    """The files of a model are not where they should be."""


class RunConfigurationException(AzureMLException, UsageError):
    """A run configuration cannot be read, or does not fit together."""


class RunEnvironmentException(AzureMLException, UsageError):
    """This process is not a step of a run."""


class ServiceException(AzureMLException, MachineError):
    """A service did not answer as it should; `status_code` as over HTTP."""

    status_code: int | None = None


class SnapshotException(AzureMLException, UsageError):
    """A source folder cannot be stored."""


class TrainingException(AzureMLException, UsageError):
    """A training run is described wrongly."""


class WebserviceException(AzureMLException, UsageError):
    """A model or a service is not there; the message of a missing model starts with ModelNotFound."""


class AzureMLAggregatedException(AzureMLException):
    """Several errors at once."""


class ParallelRunException(AzureMLException, UsageError):
    """A parallel run is described wrongly."""


class HttpOperationError(AzureMLException):
    """What v1's REST layer raises; `response` is None, for there is none here."""

    response: object = None


class DatastoreNotFound(UserErrorException, HttpOperationError):
    """There is no datastore of that name. Scripts catch either of its bases."""


class NotLocalError(UserErrorException, NotImplementedError):
    """Something that only a cloud service has. The message says what to do instead."""


class DatasetError(UserErrorException):
    """Base of the errors that datasets raise when they are read or checked."""


class DatasetValidationError(DatasetError):
    """A dataset's files are not there, or cannot be read as it says."""


class DatasetExecutionError(DatasetError):
    """A dataset could not be read."""


class PipelineError(UsageError, ValueError):
    """A step or a pipeline does not fit together."""


class CollectionError(UsageError, NotImplementedError):
    """Steps were given in something that is neither a list nor a StepSequence."""


class MissingError(UserErrorException, KeyError):
    """There is nothing of that name."""
