"""`stepwell watch [FILE ...]`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stepwell.cli import exits, stay
from stepwell.cli.common import add_json, add_parameters, add_workspace, examples, open_root, open_workspace, parameters, root_for, say
from stepwell.cli.watching import View, view_for
from stepwell.load import load
from stepwell_runner.graph.model import Graph
from stepwell_runner.verbs.submit import Prepared, prepare
from stepwell_runner.watch.guard import MOST_IN_A_ROW, Guard
from stepwell_runner.watch.news import Looked, Notice, Settled
from stepwell_runner.watch.pipeline import Pipeline
from stepwell_runner.watch.watcher import Watcher
from stepwell_store.errors import StepwellError, UsageError
from stepwell_store.ledger import history
from stepwell_store.workspace import Workspace

USUAL = ("pipeline.py", "pipeline.yml", "pipeline.yaml")


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("file", metavar="FILE", nargs="*",
                        help=f"Python files that define a Pipeline, or pipelines in YAML (default: {' or '.join(USUAL)}"
                             " here, or that of the newest run)")
    add_parameters(parser)
    parser.add_argument("--run", action="store_true", help="run what is stale whenever you pause, until Ctrl-C")
    parser.add_argument("--poll", action="store_true",
                        help="look at the files again and again, for folders of another machine, whose changes nobody tells")
    add_workspace(parser)
    add_json(parser)
    examples(parser, "stepwell watch", "stepwell watch pipeline.yml", "stepwell watch pipeline.py --run -p learning_rate=0.1",
             "stepwell watch train.py score.py --json")


def run(args: argparse.Namespace) -> int:
    """Watch until Ctrl-C, which is how it ends well."""
    assignments = parameters(args.parameter)
    workspace, files = _opened(args)
    for file in files:
        if not file.is_file():
            load(file)  # whose error names files that are there
    stay()
    view = view_for(as_json=args.json, many=len(files) > 1)
    pipelines = [Pipeline(str(file), _Loader(file, workspace.root), assignments) for file in files]
    watcher = Watcher(workspace, pipelines, polling=args.poll)
    if not args.json:
        say(f"watching {', '.join(file.name for file in files)}; Ctrl-C ends it")
    try:
        with _never_alone():
            return _watch(watcher, view, _Runs(workspace, watcher, view, as_json=args.json) if args.run else None)
    except KeyboardInterrupt:
        return exits.DONE
    finally:
        view.pause()


def _opened(args: argparse.Namespace) -> tuple[Workspace, list[Path]]:
    files = [Path(word).expanduser().absolute() for word in args.file]
    if files:
        return open_root(root_for(args, files[0].parent)), files
    here = [path for name in USUAL if (path := Path.cwd() / name).is_file()]
    if here:
        return open_root(root_for(args, here[0].parent)), here[:1]
    workspace = open_workspace(args)
    newest = history.list_runs(workspace.database, limit=1)
    if not newest or newest[0].source is None or not os.path.isfile(newest[0].source):
        raise UsageError("which pipeline?", todo="name its file: stepwell watch FILE")
    return workspace, [Path(newest[0].source)]


class _Loader:
    """Loads a pipeline file; what it prints is shown the first time only."""

    def __init__(self, file: Path, root: Path) -> None:
        self._file = file
        self._root = root
        self._noise = 2

    def __call__(self) -> Graph:
        noise, self._noise = self._noise, -1
        if noise != -1:
            return load(self._file, self._root, progress=say)
        nothing = os.open(os.devnull, os.O_WRONLY)
        try:
            return load(self._file, self._root, noise=nothing)
        finally:
            os.close(nothing)


@contextmanager
def _never_alone() -> Iterator[None]:
    """Keep a second thread, so that pipeline files are loaded by new processes: a fork would copy the open database."""
    over = threading.Event()
    threading.Thread(target=over.wait, name="never alone", daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _watch(watcher: Watcher, view: View, runs: _Runs | None) -> int:
    for news in watcher:
        match news:
            case Looked():
                view.looked(news)
            case Notice():
                view.notice(news)
            case Settled() if runs is not None and runs.run(news):
                return exits.CANCELLED
    return exits.DONE


class _Runs:
    """Runs what is stale, in this process, one run at a time."""

    def __init__(self, workspace: Workspace, watcher: Watcher, view: View, *, as_json: bool) -> None:
        self._workspace = workspace
        self._watcher = watcher
        self._view = view
        self._guard = Guard()
        self._as_json = as_json

    def run(self, settled: Settled) -> bool:
        """Run if there is a reason; whether the person stopped it, and with it the watching."""
        try:
            prepared = prepare(self._workspace, settled.submission)
            return self._is_wanted(prepared, settled) and self._run(prepared)
        except StepwellError as error:
            self._view.notice(Notice(str(error)))
            return False

    def _is_wanted(self, prepared: Prepared, settled: Settled) -> bool:
        if not self._guard.is_new(prepared):
            return False
        if self._guard.is_loop(meanwhile=settled.meanwhile):
            self._view.notice(Notice(f"{MOST_IN_A_ROW} runs in a row were each for edits made during the run before: do steps change what"
                                     " they are made of? Nothing runs until you edit something"))
            return False
        return True

    def _run(self, prepared: Prepared) -> bool:
        from stepwell.cli.running import as_data, report, run_here
        from stepwell_runner.execution.ownership import cancel_requested

        self._view.pause()
        with _handlers_kept():
            finished = run_here(self._workspace, prepared, quiet=self._as_json)
        steps = history.steps_of(self._workspace.database, finished.run)
        if self._as_json:
            self._view.ran(as_data(self._workspace, history.get_run(self._workspace.database, finished.run), steps))
        else:
            report(self._workspace, finished, as_json=False)
            sys.stdout.flush()
        self._guard.ran(steps)
        self._watcher.look()
        self._view.go_on()
        return finished.status == "Canceled" and not cancel_requested(self._workspace, finished.run)


@contextmanager
def _handlers_kept() -> Iterator[None]:
    """Give signals back to whom they went before."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
