"""What is said of graphics processors, from the words of a driver."""

from __future__ import annotations

from stepwell_runner.targets.graphics import gpus_in


def test_what_nvidia_smi_says():
    first, second = gpus_in("NVIDIA A100, 40GB, 100, 40960, 7, GPU-1f2e\nOld one, [N/A], 2048, [N/A], GPU-2\nnonsense\n")
    assert (first.name, first.id) == ("NVIDIA A100, 40GB", "GPU-1f2e")
    assert (first.memory_used, first.memory, first.busy) == (100 << 20, 40960 << 20, 7)
    assert (second.memory_used, second.memory, second.busy) == (None, 2048 << 20, None)
