"""What the vocabulary raises: Stepwell's own errors that are also the built-in or v1 exceptions that scripts catch."""

from __future__ import annotations

from stepwell_store.errors import RunFailed, StepwellError, UsageError


class AzureMLException(StepwellError):
    """Base of the exceptions that v1 names; `message` is its text."""

    @property
    def message(self) -> str:
        """What happened, in words."""
        return str(self)


class UserErrorException(AzureMLException, UsageError):
    """A name or a value that the author gave is wrong."""


class WorkspaceException(AzureMLException, UsageError):
    """There is no such workspace, or there is one already."""


class ActivityFailedException(AzureMLException, RunFailed):
    """A run that was waited for failed; `error_details` is the error as JSON text."""

    def __init__(self, error_details: str) -> None:
        super().__init__(f"Activity Failed:\n{error_details}")
        self.error_details = error_details


class PipelineError(UsageError, ValueError):
    """A step or a pipeline does not fit together."""


class CollectionError(UsageError, NotImplementedError):
    """Steps were given in something that is neither a list nor a StepSequence."""


class MissingError(UserErrorException, KeyError):
    """There is nothing of that name."""
