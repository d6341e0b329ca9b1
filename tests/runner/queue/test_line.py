"""The line of runs: durable, in order, no more at once than there is room for, each begun once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest
from queue_world import ROOM, World

from stepwell_runner.execution.ownership import recover
from stepwell_runner.queue.dispatch import dispatch
from stepwell_runner.verbs.control import ask_to_stop, cancel
from stepwell_store.errors import UsageError
from stepwell_store.ledger import history, publishing, waiting
from stepwell_store.ledger.compute import ComputeTarget, put_target
from stepwell_store.locks import holder

PATIENCE_S = 60


def test_what_is_submitted_exists_before_it_begins_and_is_not_taken_for_dead(world: World) -> None:
    run = world.submit("one")
    assert world.status(run) == "Queued"
    assert recover(world.workspace) == []
    assert [one.run for one in waiting.line(world.workspace.database)] == [run]
    assert world.said() == []


def test_no_more_begin_than_there_is_room_for_and_the_rest_follow_in_order(world: World, eventually: Callable[..., None]) -> None:
    runs = [world.submit(str(number)) for number in range(ROOM + 3)]
    assert dispatch(world.workspace) == runs[:ROOM]
    assert world.statuses(runs[:ROOM]) == {"Running"}
    assert [one.run for one in waiting.line(world.workspace.database)] == runs[ROOM:]
    assert dispatch(world.workspace) == []
    world.go()
    # Nobody looks after the line: each run that ends starts the next one.
    eventually(lambda: world.statuses(runs) == {"Completed"}, timeout=PATIENCE_S)
    assert sorted(world.said(), key=int) == [str(number) for number in range(ROOM + 3)]
    begun = [history.get_run(world.workspace.database, run).started_at or 0.0 for run in runs]
    assert begun == sorted(begun)


def test_several_who_start_the_line_at_once_begin_nothing_twice(world: World, eventually: Callable[..., None]) -> None:
    import threading

    runs = [world.submit(str(number)) for number in range(ROOM + 2)]
    world.go()
    threads = [threading.Thread(target=dispatch, args=(world.workspace,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    eventually(lambda: world.statuses(runs) == {"Completed"}, timeout=PATIENCE_S)
    assert sorted(world.said(), key=int) == [str(number) for number in range(ROOM + 2)]


def test_one_that_waits_can_be_cancelled_and_never_begins(world: World) -> None:
    first, second = world.submit("one"), world.submit("two")
    assert cancel(world.workspace, first, 10) == "Canceled"
    assert [one.run for one in waiting.line(world.workspace.database)] == [second]
    ask_to_stop(world.workspace, second)
    assert dispatch(world.workspace) == []
    assert world.said() == []
    assert history.get_run(world.workspace.database, second).error == "cancelled before it began"


def test_a_run_that_cannot_begin_fails_with_the_reason(world: World, eventually: Callable[..., None]) -> None:
    run = world.submit("one")
    world.workspace.objects.remove(world.published.graph)
    dispatch(world.workspace)
    eventually(lambda: world.status(run) == "Failed", timeout=PATIENCE_S)
    assert "missing" in (history.get_run(world.workspace.database, run).error or "")


def test_a_run_whose_process_is_killed_is_recovered_and_the_next_one_begins(world: World, eventually: Callable[..., None]) -> None:
    runs = [world.submit(str(number)) for number in range(ROOM + 1)]
    dispatch(world.workspace)
    eventually(lambda: len(world.said()) == ROOM, timeout=PATIENCE_S)
    owner = holder(world.workspace.runs / runs[0] / "lock")
    assert owner is not None
    os.kill(owner.pid, signal.SIGKILL)
    eventually(lambda: runs[0] in recover(world.workspace) or world.status(runs[0]) == "Failed", timeout=PATIENCE_S)
    assert dispatch(world.workspace) == [runs[ROOM]]


def test_the_same_key_makes_one_run_and_a_full_line_takes_no_more(world: World) -> None:
    first = world.submit("one", owner="me", key="k", body="b")
    with pytest.raises(waiting.TakenKey) as caught:
        world.submit("one", owner="me", key="k", body="b")
    assert caught.value.key.run == first
    assert caught.value.key.body == "b"
    other = world.submit("one", owner="you", key="k", body="b")
    with pytest.raises(waiting.Full):
        world.submit("one", owner="me", key="new", limit=2)
    assert waiting.find_key(world.workspace.database, "me", "new") is None
    assert {one.run for one in waiting.line(world.workspace.database)} == {first, other}


def test_what_is_disabled_or_wrong_is_refused_before_there_is_a_run(world: World) -> None:
    from stepwell_runner.verbs.publish import Called, submission_of

    with pytest.raises(UsageError, match="no parameter"):
        submission_of_then_enqueue(world, {"wrod": "x"})
    publishing.set_published_status(world.workspace.database, world.published.id, "Disabled")
    again = publishing.get_published(world.workspace.database, world.published.id)
    assert again is not None
    with pytest.raises(UsageError, match="disabled"):
        submission_of(world.workspace, Called(again))
    assert history.list_runs(world.workspace.database) == []


def submission_of_then_enqueue(world: World, parameters: dict[str, str]) -> None:
    from stepwell_runner.queue.enqueue import enqueue
    from stepwell_runner.verbs.publish import Called, submission_of

    enqueue(world.workspace, submission_of(world.workspace, Called(world.published), parameters=parameters))


def test_the_limit_of_a_compute_target_holds_for_runs_and_others_pass_by(world: World, eventually: Callable[..., None]) -> None:
    put_target(world.workspace.database, ComputeTarget(name="narrow", kind="local", max_steps=1))
    narrow = [world.submit(str(number), target="narrow") for number in range(2)]
    other = world.submit("3")
    assert dispatch(world.workspace) == [narrow[0], other]
    assert world.status(narrow[1]) == "Queued"
    world.go()
    eventually(lambda: world.statuses([*narrow, other]) == {"Completed"}, timeout=PATIENCE_S)


def test_what_was_not_published_waits_with_its_sources_as_they_were(world: World, eventually: Callable[..., None]) -> None:
    from stepwell_runner.graph.model import Graph, Source, Step, Text
    from stepwell_runner.verbs.detach import start
    from stepwell_runner.verbs.submit import Submission

    folder = world.base / "own"
    folder.mkdir()
    script = folder / "say.sh"
    script.write_text(f"echo before >> {world.base}/own-said\n")
    command = (Text("sh"), Text("say.sh"))
    step = Step(key="own", name="own", kind="CommandStep", command=command, source=Source(path=str(folder)), allow_reuse=False)
    submission = Submission(graph=Graph(name="own", steps=(step,), base=str(world.base)))
    first = [world.submit(str(number)) for number in range(ROOM)]
    dispatch(world.workspace)
    run = start(world.workspace, submission)
    assert world.status(run) == "Queued"
    script.write_text("exit 1\n")
    world.go()
    eventually(lambda: world.statuses([*first, run]) == {"Completed"}, timeout=PATIENCE_S)
    assert (world.base / "own-said").read_text() == "before\n"
    with pytest.raises(UsageError, match="there is no parameter"):
        start(world.workspace, Submission(graph=submission.graph, parameters={"x": 1}))


def test_a_run_whose_runner_died_takes_no_room(world: World, eventually: Callable[..., None]) -> None:
    runs = [world.submit(str(number)) for number in range(ROOM + 1)]
    dispatch(world.workspace)
    eventually(lambda: len(world.said()) == ROOM, timeout=PATIENCE_S)
    owner = holder(world.workspace.runs / runs[0] / "lock")
    assert owner is not None
    os.kill(owner.pid, signal.SIGKILL)
    # Nobody has recorded its death yet.
    eventually(lambda: dispatch(world.workspace) == [runs[ROOM]], timeout=PATIENCE_S)
    recover(world.workspace)
