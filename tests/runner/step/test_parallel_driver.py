"""The driver and its workers as processes: rows, tries, workers that die or hang, what may fail, logs."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest
from parallel_bench import PATIENCE_S, Bench
from test_travel_interpreters import VERSIONS, _interpreter

NAMES = """
import os
def run(mini_batch):
    return [os.path.basename(file) for file in mini_batch]
"""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "attempt")


@pytest.mark.parametrize(("count", "size", "workers"), [(1, None, "1"), (25, "4", "3"), (30, None, "2"), (7, "100", "4")])
def test_every_file_is_worked_off_once_and_rows_keep_the_order(bench: Bench, count: int, size: str | None, workers: str) -> None:
    rows = bench.files(count).entry(NAMES).ok(batch_size=size, workers=workers)
    assert rows == [f"f{number:03d}.txt" for number in range(count)]
    metrics, notes = bench.reports()
    batches = -(-count // int(size or 10))
    assert metrics == {"mini_batches": batches, "failed_mini_batches": 0, "items": count, "failed_items": 0, "results": count}
    assert notes[-1] == f"{batches} of {batches} mini-batches done, 0 failed"


def test_a_single_file_is_a_mini_batch(bench: Bench) -> None:
    bench.files(3)
    path = bench.folder / "input" / "f001.txt"
    bench.inputs["files"] = type(bench.inputs["files"])(mode="mount", path=str(path))
    assert bench.entry(NAMES).ok() == ["f001.txt"]


def test_several_inputs_are_cut_one_by_one(bench: Bench) -> None:
    bench.files(3)
    (bench.folder / "more").mkdir()
    for name in "ab":
        (bench.folder / "more" / name).write_text(name)
    bench.inputs["more"] = type(bench.inputs["files"])(mode="mount", path=str(bench.folder / "more"))
    bench.entry("import os\ndef run(batch, context):\n    return [f'{context.dataset.name}:{len(batch)}'] * len(batch)")
    assert bench.ok(batch_size="2") == ["files:2", "files:2", "files:1", "more:2", "more:2"]


def test_the_script_is_initialised_once_per_worker_and_shut_down(bench: Bench) -> None:
    bench.files(6).entry("""
import helper, sys, os
print("imported", sys.argv)
def init():
    global begun
    begun = helper.begun()
def run(mini_batch, mini_batch_context):
    print("run", mini_batch_context.minibatch_index)
    return [f"{begun} {mini_batch_context.minibatch_index}" for _ in mini_batch]
def shutdown():
    print("shut down")
""", name="code/entry.py")  # fmt: skip
    (bench.work / "code" / "helper.py").write_text("def begun():\n    print('begun')\n    return 'yes'\n")
    rows = bench.ok("--x", "1", entry="code/entry.py", batch_size="1", workers="1", options=("--mini_batch_size", "1"))
    assert rows == [f"yes {number}" for number in range(6)]
    said = bench.log_of().splitlines()
    assert said[0] == "imported ['code/entry.py', '--mini_batch_size', '1', '--x', '1']"
    assert (said[1], said.count("begun"), said[-1], len(said)) == ("begun", 1, "shut down", 9)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_python_that_a_step_may_bring(bench: Bench, version: str) -> None:
    interpreter = _interpreter(version)
    if interpreter is None:
        pytest.skip(f"Python {version} is not on this machine")
    bench.files(5).entry("""
import os, sys
from azureml_user.parallel_run import EntryScript
def init():
    EntryScript().logger.info("init")
def run(mini_batch, context):
    if context.minibatch_index == 1 and not os.path.exists("failed"):
        open("failed", "w").close()
        raise ValueError("once")
    return ["{}.{} {}".format(*sys.version_info[:2], len(mini_batch))]
""")
    process = bench.start(interpreter=interpreter, batch_size="2")
    log, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, log
    assert bench.rows() == [f"{version} {count}" for count in (2, 2, 1)]


def test_what_the_entry_script_can_ask(bench: Bench) -> None:
    bench.files(1).entry("""
from stepwell.parallel.entry import EntryScript
def init():
    EntryScript().logger.info("hello")
    EntryScript().logger.debug("not heard")
def run(mini_batch):
    one = EntryScript()
    assert one is EntryScript()
    return [f"{one.agent_name}|{one.output_dir}|{one.working_dir}|{one.log_dir}"]
""")
    assert bench.ok() == [f"process000|{bench.out}|{bench.work}|{bench.work}/logs/user/entry_script_log/node000"]
    log = (bench.work / "logs/user/entry_script_log/node000/process000.log.txt").read_text()
    assert "|INFO|" in log
    assert "not heard" not in log


def test_a_context_is_passed_to_those_who_take_it(bench: Bench) -> None:
    bench.files(1).entry("def run(*given):\n    return [str(len(given))]")
    assert bench.ok() == ["2"]


def test_a_mini_batch_that_failed_is_tried_again(bench: Bench) -> None:
    bench.files(4).entry("""
import os
def run(mini_batch):
    mark = os.path.basename(mini_batch[0]) + ".tried"
    if "f002.txt" in mini_batch[0] and not os.path.exists(mark + "2"):
        open(mark + ("2" if os.path.exists(mark) else ""), "w").close()
        raise ValueError("not yet")
    return mini_batch
""")
    code, log = bench.run(batch_size="1", tries="3", failed_items="0")
    assert (code, len(bench.rows())) == (0, 4)
    assert log.count("mini-batch 2 failed, trying it again") == 2
    assert "ValueError: not yet" in log
    assert "stepwell/parallel/worker.py" not in log


def test_a_mini_batch_that_always_fails_is_given_up(bench: Bench) -> None:
    bench.files(4).entry("""
def run(mini_batch):
    if "f002.txt" in mini_batch[0]:
        raise SystemExit("never")
    return mini_batch
""")
    code, log = bench.run(batch_size="1", tries="2", failed_items="-1")
    assert (code, len(bench.rows())) == (0, 3)
    assert (log.count("trying it again"), log.count("mini-batch 2 failed\n")) == (1, 1)
    assert "ValueError" not in (bench.work / "logs/user/error.txt").read_text()
    assert bench.reports()[0]["failed_items"] == 1


def test_fewer_results_than_items_are_failed_items(bench: Bench) -> None:
    bench.files(10).entry("def run(mini_batch):\n    return mini_batch[1:]")
    assert len(bench.ok(batch_size="5", failed_items="2")) == 8
    assert bench.reports()[0]["failed_items"] == 2


def test_more_than_is_tolerated_fails_with_42(bench: Bench) -> None:
    bench.files(10).entry("def run(mini_batch):\n    return mini_batch[1:]")
    code, log = bench.run(batch_size="5", failed_items="1")
    assert code == 42
    assert "failed: 2 items failed; 1 are tolerated" in log
    assert not (bench.out / "rows.txt").exists()
    assert '"result": "failed"' in (bench.work / "logs/job_result.txt").read_text()


def test_without_any_success_there_are_no_rows(bench: Bench) -> None:
    bench.files(3).entry("def run(mini_batch):\n    raise ValueError('no')")
    code, log = bench.run(tries="1")
    assert code == 42
    assert "no mini-batch succeeded" in log


def test_a_summary_alone_needs_no_success_and_writes_nothing(bench: Bench) -> None:
    bench.files(3).entry("def run(mini_batch):\n    return [1]")
    code, _ = bench.run(append=False)
    assert (code, bench.out.exists(), bench.reports()[0]["results"]) == (0, False, 1)


def test_nothing_in_the_input_is_a_failure(bench: Bench) -> None:
    code, log = bench.entry(NAMES).run()
    assert code == 42
    assert "there is nothing in the input" in log


@pytest.mark.parametrize(("how", "said"), [("os._exit(7)", "exit code 7"), ("os.kill(os.getpid(), 9)", "ended by SIGKILL"),
                                           ("os.close(3), os.closerange(3, 100)", "")])  # fmt: skip
def test_a_worker_that_dies_is_replaced(bench: Bench, how: str, said: str) -> None:
    bench.files(6).entry(f"""
import os
def run(mini_batch):
    if "f003.txt" in mini_batch[0] and not os.path.exists("died"):
        open("died", "w").close()
        {how}
    return mini_batch
""")
    code, log = bench.run(batch_size="1", failed_items="0")
    assert (code, len(bench.rows())) == (0, 6), log
    assert said in log


def test_a_worker_that_is_killed_from_outside_is_replaced(bench: Bench) -> None:
    bench.files(3).entry("""
import os, time
def run(mini_batch):
    if not os.path.exists("going on"):
        with open("pid", "w") as file:
            file.write(str(os.getpid()))
        while not os.path.exists("going on"):
            time.sleep(0.01)
    return mini_batch
""")
    process = bench.start(batch_size="1", workers="1", failed_items="0")
    victim = int(bench.wait_for(bench.work / "pid"))
    os.kill(victim, signal.SIGKILL)
    (bench.work / "going on").write_text("yes")
    log, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, log
    assert len(bench.rows()) == 3


def test_a_worker_that_hangs_is_replaced(bench: Bench) -> None:
    bench.files(4).entry("""
import os, time
def run(mini_batch):
    if "f001.txt" in mini_batch[0] and not os.path.exists("hung"):
        open("hung", "w").close()
        time.sleep(1000)
    return mini_batch
""")
    code, log = bench.run(batch_size="1", timeout_s="5", failed_items="0")
    assert (code, len(bench.rows())) == (0, 4), log
    assert "run() took longer than 5 s" in log


def test_a_process_that_a_dead_worker_left_behind_holds_nothing_up(bench: Bench) -> None:
    bench.files(2).entry("""
import os, time
def run(mini_batch):
    if not os.path.exists("forked"):
        open("forked", "w").close()
        if os.fork():
            os._exit(1)
        time.sleep(1000)
    return mini_batch
""")
    assert len(bench.ok(batch_size="1", failed_items="0", workers="1")) == 2


def test_a_script_that_cannot_start_is_given_up(bench: Bench) -> None:
    code, log = bench.files(20).entry("def init():\n    raise ImportError('no tensorflow')\ndef run(b):\n    return b").run(batch_size="1")
    assert code == 42
    assert "ImportError: no tensorflow" in log
    assert "6 workers failed in init()" in log


@pytest.mark.parametrize(("script", "said"), [("x = 1", "has no function run(mini_batch)"), ("import os\nos._exit(4)", "exit code 4"),
                                              ("def run(b)", "SyntaxError")])  # fmt: skip
def test_a_script_that_is_none_is_told(bench: Bench, script: str, said: str) -> None:
    code, log = bench.files(2).entry(script).run(workers="1")
    assert code == 42
    assert said in log


def test_a_missing_script_is_told(bench: Bench) -> None:
    code, log = bench.files(2).run(workers="1", entry="other.py")
    assert code == 42
    assert "there is no entry script" in log


def test_what_run_must_return_is_told(bench: Bench) -> None:
    code, log = bench.files(2).entry("def run(mini_batch):\n    pass").run(tries="1")
    assert code == 42
    assert "TypeError: run() must return a list, an array or a DataFrame, not NoneType" in log


def test_a_wrong_setting_is_told_before_anything_runs(bench: Bench) -> None:
    code, log = bench.files(2).entry(NAMES).run(batch_size="ten")
    assert code == 2
    assert "batch_size is 'ten'" in log


def test_asked_to_stop_it_leaves_no_worker(bench: Bench) -> None:
    bench.files(4).entry("""
import os, time
def run(mini_batch):
    with open("pid", "w") as file:
        file.write(str(os.getpid()))
    time.sleep(1000)
""")
    process = bench.start(batch_size="1")
    bench.wait_for(bench.work / "pid")
    workers = psutil.Process(process.pid).children(recursive=True)
    assert workers
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 143
    _, alive = psutil.wait_procs(workers, timeout=PATIENCE_S)
    assert alive == []


def test_mini_batches_of_bytes_and_of_nothing(bench: Bench) -> None:
    bench.files(4, "{}" + "x" * 99).entry("def run(batch, context):\n    return [f'{len(batch)} {context.minibatch_index}']")
    assert bench.ok(batch_size="200", batch_unit="bytes") == ["2 0", "2 1"]
    other = Bench(bench.folder / "other").entry("def run(batch, context):\n    return [str(context.minibatch_index)]")
    assert other.ok(split=(), count="3") == ["0", "1", "2"]


def test_files_in_partitions(bench: Bench) -> None:
    files, names = [], []
    for name in ("user1/fall/a", "user1/spring/b", "user2/fall/c", "user1/winter/a"):
        path = bench.folder / "input" / "store" / f"{name}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
        files.append(str(path))
        names.append(f"/{name}.wav")
    bench.table()
    told = {"kind": "file", "places": [], "options": {"partition_format": "store/{user}/{season}/{what}.wav"}}
    given = bench.inputs["files"]
    definition = type(given.definition)(kind="file", places=(), options=told["options"])
    bench.inputs["files"] = type(given)(mode="direct", id="x", definition=definition, files=tuple(files), names=tuple(names))
    bench.entry("""
def run(mini_batch, context):
    key = context.partition_key_value
    return [f"{key['user']} {key['what']} {len(mini_batch)} {context.dataset.to_path()[0]}"] * len(mini_batch)
""")
    rows = bench.ok(partition_keys=("user", "what"), failed_items="0")
    assert rows == ["user1 a 2 /user1/fall/a.wav"] * 2 + ["user1 b 1 /user1/spring/b.wav", "user2 c 1 /user2/fall/c.wav"]
    code, log = Bench(bench.folder / "again").files(1).entry(NAMES).run(partition_keys=("user",))
    assert (code, "has no partition_format" in log) == (2, True)
