"""A plan: for every step of a graph, whether it is reused, runs, or waits for others. A value; nothing is run by making it."""

from __future__ import annotations

import msgspec

from stepwell_runner.graph.model import Graph, Step
from stepwell_runner.graph.order import topological
from stepwell_runner.graph.trials import family
from stepwell_runner.planning.decide import Decision, History, Policy, Reuse, Run, Wait, decide
from stepwell_runner.planning.fingerprint import Ingredients, Observer, Unknown, Values, compare, ingredients
from stepwell_runner.planning.reasons import AnyReason, Forced, ReuseDisabled


class Plan(msgspec.Struct, frozen=True):
    """Decisions by step key, in an order in which the steps can run."""

    graph: Graph
    decisions: dict[str, Decision]

    def reused(self) -> list[str]:
        """Steps whose earlier results are taken."""
        return [key for key, decision in self.decisions.items() if type(decision) is Reuse]

    def pending(self) -> list[str]:
        """Steps that run or may have to."""
        return [key for key, decision in self.decisions.items() if type(decision) is not Reuse]


class Decider:
    """Decides on the steps of one submission. `made` maps (step, output) to the digest of what is known to be made;
    whoever learns of more adds to it."""

    def __init__(self, graph: Graph, values: Values, observer: Observer, history: History, policy: Policy) -> None:
        self.graph = graph
        self.made: dict[tuple[str, str], str] = {}
        self._values = values
        self._observer = observer
        self._history = history
        self._policy = policy
        self._known: dict[str, Decision] = {}

    def plan(self) -> Plan:
        """Decide on every step as far as it can be known before anything runs."""
        self.made.clear()
        decisions: dict[str, Decision] = {}
        for step in topological(self.graph):
            decisions[step.key] = decision = self._try(step)
            if type(decision) is Reuse:
                self.made.update(((step.key, output.name), output.digest) for output in decision.past.outputs)
        self._known = dict(decisions)
        return Plan(self.graph, decisions)

    def decide(self, step: Step) -> Reuse | Run:
        """Decide on a step whose inputs are all made; what was said before is not asked again.

        Raises Unknown when a step before it did not make what it needs.
        """
        known = self._known.get(step.key)
        if not isinstance(known, Reuse | Run):
            known = self._known[step.key] = self._decide(step)
        return known

    def decide_again(self, step: Step, decision: Run) -> Reuse | Run:
        """Decide once more, now that nobody else can be making the same result."""
        again = decide(step, decision.ingredients, self._history, self._policy)
        return again if isinstance(again, Reuse) else decision

    def is_open(self, step: Step) -> bool:
        """Whether it may turn out that the step runs."""
        return type(self._known.get(step.key)) is not Reuse and self.may_run(step)

    def may_run(self, step: Step) -> bool:
        """Whether the person's choice of steps allows this one to run."""
        return self._policy.only is None or family(step.key) in self._policy.only

    def _try(self, step: Step) -> Decision:
        try:
            return self._decide(step)
        except Unknown as unknown:
            return Wait(unknown.steps, self._certain(step, unknown.found))

    def _decide(self, step: Step) -> Reuse | Run:
        found = ingredients(step, self.graph, self._values, self._observer, self.made)
        return decide(step, found, self._history, self._policy)

    def _certain(self, step: Step, found: Ingredients) -> tuple[AnyReason, ...]:
        """The reasons to run that hold whatever the steps before it make."""
        if self._policy.force or step.key in self._policy.forced:
            return (Forced(),)
        if not step.allow_reuse:
            return (ReuseDisabled(),)
        earlier = self._history.last_ingredients(step.key)
        if earlier is None:
            return ()
        return compare({name: value for name, value in earlier.items() if name in found or not name.startswith("input/")}, found, step)
