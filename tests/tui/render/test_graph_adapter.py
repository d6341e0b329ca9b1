from __future__ import annotations

import subprocess
import sys

from stepwell_runner.graph.model import FromStep, Graph, Input, Output, Step
from stepwell_tui.render.graph.adapt import drawable
from stepwell_tui.render.graph.model import Edge, Node

PIPELINE = Graph(
    name="p",
    steps=(
        Step(key="a", name="Prepare", kind="command", command=(), outputs=(Output(name="o"),)),
        Step(
            key="b", name="Train", kind="command", command=(), after=("a",),
            inputs=(Input(name="x", binding=FromStep("a", "o")), Input(name="y", binding=FromStep("a", "o"))),
        ),
        Step(key="c", name="Tell", kind="command", command=(), after=("b",)),
    ),
)  # fmt: skip


def test_data_and_order_are_edges_once_each() -> None:
    nodes, edges = drawable(PIPELINE, {"a": "Completed"}, {"b": "12 s"})
    assert nodes == [Node("a", "Prepare", "Completed"), Node("b", "Train", None, "12 s"), Node("c", "Tell")]
    assert edges == [Edge("a", "b"), Edge("b", "c")]


def test_rendering_needs_no_screen_library() -> None:
    modules = ["graph.text", "graph.svg", "graph.mermaid", "graph.adapt", "plot", "tables", "status", "text"]
    imports = "; ".join(f"import stepwell_tui.render.{module}" for module in modules)
    heavy = "{'rich', 'textual', 'asyncio', 'logging', 'sqlite3', 'pysqlite3', 'numpy'} & set(sys.modules)"
    code = f"import sys; {imports}; print({heavy})"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "set()\n"
