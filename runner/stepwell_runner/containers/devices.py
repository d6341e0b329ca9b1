"""Graphics processors for a container, as the engine is asked for them."""

from __future__ import annotations

from typing import Any

from stepwell_runner.targets.values import gpus


def gpu_options(wanted: str | None, cdi: tuple[str, ...]) -> dict[str, Any]:
    """The request for GPUs: by the container device interface where the engine knows NVIDIA's devices by it, else by their driver."""
    if wanted is None or wanted == "0":
        return {}
    from docker.types import DeviceRequest

    asked = gpus(wanted)
    known = [name for name in cdi if name.startswith("nvidia.com/gpu=")]
    if isinstance(asked, tuple) and any("/" in one for one in asked):
        return {"device_requests": [DeviceRequest(driver="cdi", device_ids=list(asked))]}
    if known and not isinstance(asked, tuple):
        names = ["nvidia.com/gpu=all"] if asked < 0 else [name for name in known if name.rpartition("=")[2].isdecimal()][:asked]
        return {"device_requests": [DeviceRequest(driver="cdi", device_ids=names)]}
    if isinstance(asked, tuple):
        return {"device_requests": [DeviceRequest(device_ids=list(asked), capabilities=[["gpu"]])]}
    return {"device_requests": [DeviceRequest(count=asked, capabilities=[["gpu"]])]}
