"""A pipeline, or a pipeline component where it is used: its nodes, and what the expressions in it mean."""

from __future__ import annotations

from functools import cached_property

from stepwell.jobs.context import DEEPEST_PIPELINES, Context
from stepwell.jobs.definitions import Definition, check_literal, default_of, define, is_data
from stepwell.jobs.document import Node
from stepwell.jobs.expressions import Expression, pieces, single
from stepwell.jobs.findings import nearest
from stepwell.jobs.places import dataset
from stepwell.jobs.shell import joined
from stepwell.jobs.values import Bound, Data, Literal
from stepwell.jobs.words import DATA_TYPES
from stepwell_runner.graph.model import Fact, FromData, FromStep, Sampled, Text, Token

ARTIFACTS = "artifacts"
FACTS = {"name": Fact("step_run")}


class Member:
    """A node of a pipeline. `key` is unique in the whole graph; `inner` is the pipeline that a node of type pipeline holds."""

    def __init__(self, pipe: Pipe, name: str, node: Node, definition: Definition | None) -> None:
        self.pipe = pipe
        self.name = name
        self.key = f"{pipe.prefix}{name}"
        self.node = node
        self.definition = definition
        self.searched = tuple(node.below("search_space").value) if node.text("type") == "sweep" else ()
        self._evaluating = False

    @cached_property
    def inner(self) -> Pipe | None:
        """The pipeline in this node."""
        if self.definition is None or self.definition.kind != "pipeline":
            return None
        return Pipe(self.pipe.context, self.definition.node, self, f"{self.key}.")

    @cached_property
    def inputs(self) -> dict[str, Bound]:
        """What the inputs of the node turn out to be; inputs without a value are absent."""
        if self._evaluating:
            self.pipe.context.findings.error(f"the inputs of node '{self.name}' are made from themselves", self.node.where)
            return {}
        self._evaluating = True
        try:
            return self._bound()
        finally:
            self._evaluating = False

    def _bound(self) -> dict[str, Bound]:
        context, definition = self.pipe.context, self.definition
        given = self.node.below("inputs")
        found: dict[str, Bound] = {}
        for name, node in given.items():
            if definition is not None and not definition.inline and name not in definition.names("inputs"):
                context.findings.ignored(
                    f"the component of node '{self.name}' has no input '{name}', so it goes unused"
                    f"{nearest(name, definition.names('inputs'))}",
                    given.key(name).where,
                )
            declaration = definition.input(name) if definition is not None else None
            bound = None if node.value is None else self.pipe.value(node, declaration, name)
            if bound is not None:
                found[name] = bound
        if definition is not None and not definition.inline:
            self._complete(found, definition)
        return found

    def _complete(self, found: dict[str, Bound], definition: Definition) -> None:
        """Searched values, defaults of the component, and findings for what has no value at all."""
        self._take_searched(found, definition)
        given = self.node.below("inputs")
        for name in definition.names("inputs"):
            declaration = definition.input(name)
            if name in found or declaration is None:
                continue
            default = default_of(declaration)
            if default is not None and not is_data(declaration):
                found[name] = default
            elif not _is_optional(declaration) and given.get(name) is None:
                self.pipe.context.findings.error(
                    f"node '{self.name}' does not give the input '{name}', which its component needs", given.where
                )

    def _take_searched(self, found: dict[str, Bound], definition: Definition) -> None:
        space = self.node.below("search_space")
        for name in self.searched:
            if name in definition.names("inputs"):
                found[name] = Literal(Sampled(name), space.key(name))
            elif "search_space" not in (definition.node.text("command") or ""):
                self.pipe.context.findings.strict(
                    f"the trial of node '{self.name}' has no input '{name}'{nearest(name, definition.names('inputs'))}",
                    space.key(name).where,
                )

    def output_names(self) -> list[str]:
        """The outputs that others may ask for."""
        declared = [] if self.definition is None else self.definition.names("outputs")
        return list(dict.fromkeys([*declared, *self.node.below("outputs").value]))

    def output_node(self, name: str) -> Node | None:
        """What the node says about an output of its own."""
        return self.node.below("outputs").get(name)


def _is_optional(declaration: Node) -> bool:
    found = declaration.get("optional")
    return found is not None and str(found.value).lower() == "true"


class Pipe:
    """One pipeline scope. `caller` is the node that holds it; None for the job itself, whose inputs are handed in."""

    def __init__(
        self,
        context: Context,
        node: Node,
        caller: Member | None,
        prefix: str,
        inputs: dict[str, Bound] | None = None,
        outputs: Node | None = None,
    ) -> None:
        self.context = context
        self.node = node
        self.caller = caller
        self.prefix = prefix
        self._given = inputs
        self._outputs = outputs
        self.wanted_artifacts: set[str] = set()
        if prefix.count(".") > DEEPEST_PIPELINES:
            context.findings.error(f"pipelines are nested deeper than {DEEPEST_PIPELINES} levels; one holds itself?", node.where)
            context.findings.settle()

    @cached_property
    def inputs(self) -> dict[str, Bound]:
        """The pipeline's inputs by name."""
        return self.caller.inputs if self.caller is not None else self._given or {}

    @cached_property
    def members(self) -> dict[str, Member]:
        """The nodes by name."""
        found: dict[str, Member] = {}
        for name, node in self.node.below("jobs").items():
            if not isinstance(node.value, dict):
                continue  # the check has said so
            trial = "trial" if node.text("type") == "sweep" else "component"
            found[name] = Member(self, name, node, define(node, name, self.context, trial))
        return found

    def known_inputs(self) -> list[str]:
        """The names that `parent.inputs` may take here."""
        return list(dict.fromkeys([*self.inputs, *self.node.below("inputs").value]))

    # --- values

    def value(self, node: Node, declaration: Node | None, name: str) -> Bound | None:
        """What an input is, as it is written in this scope; None when it has no value."""
        if not isinstance(node.value, dict):
            return self._scalar(node, declaration, name)
        path = node.get("path")
        if path is None and (given := node.get("value")) is not None:
            return self._scalar(given, declaration, name)
        if path is None:
            self.context.findings.error(f"input '{name}' needs a `path`", node.where)
            return None
        kind, mode = node.text("type"), node.text("mode")
        if (expression := single(path.value)) is not None:
            found = self.resolve(expression, path)
            return Data(found.binding, node, found.below, kind or found.type, mode or found.mode) if isinstance(found, Data) else found
        return self._data(str(path.value), path, kind or _type_of(declaration), mode)

    def _scalar(self, node: Node, declaration: Node | None, name: str) -> Bound | None:
        if (expression := single(node.value)) is not None:
            return self.resolve(expression, node)
        if isinstance(node.value, str) and "${{" in node.value:
            return self._mixed(node)
        if is_data(declaration):
            # A bare text for an input of data is a path, as `type` and `mode` have their defaults.
            return self._data(str(node.value), node, _type_of(declaration), None)
        if declaration is not None:
            check_literal(node, declaration, name, self.context)
        return Literal(Text(str(node.value)), node, node.value)

    def _data(self, text: str, node: Node, kind: str | None, mode: str | None) -> Data | None:
        found = dataset(text, node, self.context, kind)
        return None if found is None else Data(FromData(found), node, None, kind, mode)

    def _mixed(self, node: Node) -> Bound | None:
        parts: list[Token] = []
        found = pieces(node.value)
        for index, piece in enumerate(found):
            if isinstance(piece, str):
                parts.append(Text(piece))
                continue
            bound = self.resolve(piece, node)
            if isinstance(bound, Data):
                return self._part_of(bound, found, index, node)
            parts.append(bound.token if bound is not None else Text(""))
        return Literal(joined(parts), node)

    def _part_of(self, bound: Data, found: tuple[object, ...], index: int, node: Node) -> Data | None:
        """`${{…}}/sub/path` of what another node made."""
        rest = found[1] if len(found) == 2 and index == 0 else None
        if isinstance(rest, str) and rest.startswith("/") and isinstance(bound.binding, FromStep):
            return Data(bound.binding, node, rest.strip("/"), bound.type, bound.mode)
        self.context.findings.error("text around an expression for data must be a path below it, such as `${{…}}/file.csv`", node.where)
        return None

    def resolve(self, expression: Expression, node: Node) -> Bound | None:
        """What an expression in the inputs of a node means; None, mostly with a finding, when it means nothing."""
        match expression.parts:
            case ("parent", "inputs", *names) if names:
                return self._parent_input(".".join(names), node)
            case ("parent", "jobs", job, "outputs", output):
                return self._sibling_output(job, output, node)
            case ("parent", "jobs", job, "inputs", name):
                member = self._member(job, node)
                return member.inputs.get(name) if member is not None else None
            case (fact,) if fact in FACTS:
                return Literal(FACTS[fact], node)
            case ("inputs" | "jobs" | "outputs", *_):
                self.context.findings.error(
                    f"{expression.text} means nothing here; write ${{{{parent.{'.'.join(expression.parts)}}}}}", node.where
                )
                return None
        self.context.findings.error(f"{expression.text} means nothing in the inputs of a node", node.where)
        return None

    def _parent_input(self, name: str, node: Node) -> Bound | None:
        if name not in self.inputs and name not in self.known_inputs():
            self.context.findings.error(f"the pipeline has no input '{name}'{nearest(name, self.known_inputs())}", node.where)
        return self.inputs.get(name)

    def _member(self, name: str, node: Node) -> Member | None:
        if name not in self.members:
            self.context.findings.error(f"the pipeline has no node '{name}'{nearest(name, self.members)}", node.where)
        return self.members.get(name)

    def _sibling_output(self, job: str, output: str, node: Node) -> Data | None:
        member = self._member(job, node)
        found = self.output(member, output, node) if member is not None else None
        return None if found is None else Data(found, node, None, None, None)

    # --- outputs

    def output(self, member: Member, name: str, node: Node) -> FromStep | None:
        """The step and output that stand for an output of a node, also of one that is a pipeline itself."""
        if member.definition is None:
            return None
        inner = member.inner
        if inner is not None:
            return inner.promoted(name, node)
        if name == ARTIFACTS:
            self.wanted_artifacts.add(member.name)
        elif name not in member.output_names():
            self.context.findings.error(f"node '{member.name}' has no output '{name}'{nearest(name, member.output_names())}", node.where)
            return None
        return FromStep(member.key, name)

    def producer(self, name: str) -> tuple[Member, str] | None:
        """The node, and its output, that makes an output of this pipeline."""
        for member in self.members.values():
            for output in member.output_names():
                if self.target(member.output_node(output)) == name:
                    return member, output
        return None

    def promoted(self, name: str, node: Node) -> FromStep | None:
        """The step and output behind an output of this pipeline."""
        found = self.producer(name)
        if found is not None:
            return self.output(*found, node)
        names = list(self.node.below("outputs").value)
        what = "no node makes it" if name in names else f"it has none of that name{nearest(name, names)}"
        self.context.findings.error(f"the output '{name}' of the pipeline cannot be had: {what}", node.where)
        return None

    @staticmethod
    def target(node: Node | None) -> str | None:
        """The output of the enclosing pipeline that a node's output is bound to."""
        text = node.text("path") if node is not None and isinstance(node.value, dict) else node.value if node is not None else None
        expression = single(text)
        return (
            expression.parts[2]
            if expression is not None and expression.parts[:2] == ("parent", "outputs") and len(expression.parts) == 3
            else None
        )

    def placed(self, node: Node | None) -> list[Node]:
        """What is said about an output, the nearest word first: by the node, by its pipeline, by the one around that."""
        if node is None:
            return []
        target = self.target(node)
        own = [node] if isinstance(node.value, dict) else []
        if target is None:
            if not own:
                self.context.findings.error(
                    f"an output is given as ${{{{parent.outputs.NAME}}}} or as a mapping, not '{node.value}'", node.where
                )
            return own
        outer = self.outer_output(target, node)
        return own + outer

    def outer_output(self, name: str, node: Node) -> list[Node]:
        """What is said outside about an output of this pipeline."""
        if self.caller is not None:
            return self.caller.pipe.placed(self.caller.output_node(name))
        declared = self._outputs
        if declared is None or not declared.has(name):
            names = [one for one, _ in (declared.items() if declared is not None else ())]
            self.context.findings.error(f"the pipeline has no output '{name}'{nearest(name, names)}", node.where)
            return []
        found = declared.get(name)
        return [found] if found is not None and isinstance(found.value, dict) else []


def _type_of(declaration: Node | None) -> str | None:
    kind = declaration.text("type") if declaration is not None else None
    return kind.lower() if kind is not None and kind.lower() in DATA_TYPES else None
