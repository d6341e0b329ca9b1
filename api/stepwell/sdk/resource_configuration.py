"""How large a machine a model wants when it is deployed; kept with the model."""

from __future__ import annotations


class ResourceConfiguration:
    """Processors, gigabytes of memory, graphics processors."""

    def __init__(self, cpu: float | None = None, memory_in_gb: float | None = None, gpu: int | None = None) -> None:
        self.cpu, self.memory_in_gb, self.gpu = cpu, memory_in_gb, gpu

    def serialize(self) -> dict[str, float | int | None]:
        """As JSON-like data under v1's keys."""
        return {"cpu": self.cpu, "memoryInGB": self.memory_in_gb, "gpu": self.gpu}
