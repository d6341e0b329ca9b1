import os
from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class Settings:
    workspace: Optional[str] = os.environ.get("WORKSPACE_NAME", "harbour-ws")
    group: Optional[str] = os.environ.get("RESOURCE_GROUP", "harbour-rg")
    subscription: Optional[str] = os.environ.get("SUBSCRIPTION_ID", "0000")
    cluster: Optional[str] = os.environ.get("CLUSTER", "tide-cluster")
    build: Optional[str] = os.environ.get("BUILD_ID", "1")
    pipeline: str = "tide-training"
    endpoint: str = "tide-endpoint"
    sources: str = "tide"
