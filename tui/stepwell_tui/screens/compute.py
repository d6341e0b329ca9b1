"""Where steps run: the slots of the compute targets as they are now, the steps in them, and the machine."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal

from stepwell_runner.targets.graphics import Gpu
from stepwell_runner.verbs.compute import SlotState, Target
from stepwell_store.ledger.uses import RunningStep
from stepwell_store.workspace import Workspace
from stepwell_tui.render.status import look_of
from stepwell_tui.render.text import duration_text, safe_line, size_text
from stepwell_tui.screens.lists import ListPlace, since
from stepwell_tui.views.compute import Compute, Machine, compute
from stepwell_tui.widgets.listtable import ListTable
from stepwell_tui.widgets.rows import Cell, Column, Row
from stepwell_tui.widgets.tablemessages import Selected
from stepwell_tui.widgets.textview import TextView, pair_lines

LOOK_S = 2.0
SLOTS = (Column("target", width=10), Column("slot", width=4, right=True), Column("state", width=9), Column("process", width=8, right=True),
         Column("since", width=12, right=True, hidden_below=40), Column("command", share=1, hidden_below=56))
STEPS = (Column("run", width=6, right=True), Column("step", share=2), Column("pipeline", share=2), Column("target", width=8),
         Column("for", width=10, right=True))


class ComputeScreen(ListPlace[Compute]):
    """Looked at every two seconds as long as it is on the screen."""

    SCOPE: ClassVar[str | None] = "compute"
    PLACE: ClassVar[str] = "Compute"
    REST: ClassVar[float] = 1.0
    DEFAULT_CSS = """
    ComputeScreen #top { height: 60%; }
    ComputeScreen #slots { width: 1fr; }
    ComputeScreen #machine { width: 1fr; }
    ComputeScreen #running { height: 1fr; }
    ComputeScreen.-narrow #top { layout: vertical; }
    ComputeScreen.-narrow #slots { height: 1fr; }
    ComputeScreen.-narrow #machine { height: 5; }
    """

    def body(self) -> ComposeResult:
        """Slots and machine above, the steps that run below."""
        with Horizontal(id="top"):
            yield ListTable(SLOTS, title="8 Compute targets", id="slots", empty=("No slots", ""))
            view = TextView(id="machine", classes="panel")
            view.border_title = "This machine"
            yield view
        yield ListTable(STEPS, title="Steps that run", id="running", empty=(
            "No step runs now.", "Press 2 for the pipelines and r to run one"))

    def on_mount(self) -> None:
        self.set_interval(LOOK_S, self._look)

    def _look(self) -> None:
        if self.is_current:
            self.reload()

    def read(self, workspace: Workspace) -> Compute:
        """All of it."""
        return compute(workspace)

    def show(self, data: Compute) -> None:
        """Put it on the screen."""
        rows = [_slot(target, slot) for target in data.targets for slot in target.slots]
        self.listing.put(rows, f"{data.taken} of {data.room} slots in use")
        self.query_one("#running", ListTable).put(map(_step, data.steps))
        self.query_one("#machine", TextView).put(pair_lines(list(_machine(data.machine))), from_top=False)

    @on(Selected, "#running")
    def open(self, event: Selected) -> None:
        """Go into the run of a step."""
        self.dashboard.open_run(event.key.partition("/")[0])


def _slot(target: Target, slot: SlotState) -> Row:
    look = look_of("Running" if slot.taken else "Queued")
    state = Cell(f"{look.glyph} {'in use' if slot.taken else 'free'}", look.colour)
    who = slot.holder
    told = (str(who.pid), since(who.since), _command(who.command)) if who else ("", "", "")
    return Row(f"{target.name}-{slot.number}", (safe_line(target.name), str(slot.number), state, *told))


def _command(command: str) -> str:
    first, _, rest = command.partition(" ")
    return f"{os.path.basename(first)} {rest}"


def _step(step: RunningStep) -> Row:
    span = None if step.started_at is None else max(0.0, time.time() - step.started_at)
    took = Cell("" if span is None else duration_text(span), rank=span)
    return Row(f"{step.run}/{step.step}", (f"#{step.number}", step.step, step.pipeline, step.target, took))


def _machine(machine: Machine) -> Iterator[tuple[str, str]]:
    yield "processors", f"{machine.cpus}, load {machine.load:.1f}"
    yield "memory", f"{size_text(machine.memory)}, {size_text(machine.memory_free)} free"
    yield "disk", f"{size_text(machine.disk_free)} free"
    for number, gpu in enumerate(machine.gpus):
        yield f"GPU {number}", _gpu(gpu)
    if machine.note:
        yield "GPU", machine.note


def _gpu(gpu: Gpu) -> str:
    memory = "" if gpu.memory is None else f", {size_text(gpu.memory_used or 0)} of {size_text(gpu.memory)}"
    return safe_line(gpu.name) + ("" if gpu.busy is None else f", {gpu.busy} % busy") + memory


PLACE = ComputeScreen
