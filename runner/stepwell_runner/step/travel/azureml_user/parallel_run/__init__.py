"""`from azureml_user.parallel_run import EntryScript`, as entry scripts write it."""

from stepwell.parallel.entry import EntryScript

__all__ = ["EntryScript"]
