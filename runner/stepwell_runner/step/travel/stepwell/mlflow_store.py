"""MLflow's own REST store, which sends metrics many at a time to the endpoint of a Stepwell run.

MLflow finds this by the entry point beside the package. Metrics wait at most a fifth of a second, and are sent before anything
else is asked or said, so a script reads what it has written; nothing waits any longer when the process ends or forks. Where the
module path is not that of the step, and for every other server, MLflow works as it does without this.
"""

from __future__ import annotations

import atexit
import os
import threading
from typing import Any

_LONGEST_S = 0.2
_MOST = 500


def store(store_uri: str, **_: Any) -> Any:
    """The store for an address: that of the step's run is served by `_batching`, any other by MLflow's own class."""
    from functools import partial

    from mlflow.store.tracking.rest_store import RestStore

    try:
        from mlflow.utils.credentials import get_default_host_creds
    except ImportError:  # MLflow 1
        from mlflow.tracking._tracking_service.utils import _get_default_host_creds as get_default_host_creds
    ours = os.environ.get("STEPWELL_STEP") and store_uri == os.environ.get("MLFLOW_TRACKING_URI")
    kind = _batching(RestStore) if ours else RestStore
    return kind(partial(get_default_host_creds, store_uri))


def _batching(base: Any) -> Any:  # noqa: C901  one class, whose base is known only where MLflow is
    class BatchingStore(base):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self._waiting: list[Any] = []
            self._guard = threading.RLock()
            self._alarm: threading.Timer | None = None
            self._sending = False
            atexit.register(self.flush_metrics)
            os.register_at_fork(before=self.flush_metrics, after_in_child=self._begin_anew)

        def _begin_anew(self) -> None:
            # A thread that held the lock is not in the child, and what it was about to send is the parent's.
            self._guard = threading.RLock()
            self._waiting, self._alarm, self._sending = [], None, False

        def log_metric(self, run_id: str, metric: Any) -> None:
            with self._guard:
                self._waiting.append((run_id, metric))
                if len(self._waiting) >= _MOST:
                    self.flush_metrics()
                elif self._alarm is None:
                    self._alarm = threading.Timer(_LONGEST_S, self._late)
                    self._alarm.daemon = True
                    self._alarm.start()

        def _late(self) -> None:
            try:
                self.flush_metrics()
            except Exception as problem:
                print(f"stepwell: metrics could not be sent: {problem}", flush=True)

        def flush_metrics(self) -> None:
            """Send what waits."""
            with self._guard:
                if self._sending:
                    return
                waiting, self._waiting = self._waiting, []
                if self._alarm is not None:
                    self._alarm.cancel()
                    self._alarm = None
                self._sending = True
                try:
                    for run_id in dict.fromkeys(run_id for run_id, _ in waiting):
                        super().log_batch(run_id, [metric for one, metric in waiting if one == run_id], [], [])
                finally:
                    self._sending = False

        def _call_endpoint(self, *args: Any, **options: Any) -> Any:
            # The lock makes who asks while another thread sends wait until that is done.
            with self._guard:
                self.flush_metrics()
            return super()._call_endpoint(*args, **options)

    return BatchingStore
