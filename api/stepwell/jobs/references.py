"""Names of assets as pipelines write them: `azureml:name:version` and the longer forms."""

from __future__ import annotations

import re

import msgspec

_REGISTRY = re.compile(
    r"azureml://registries/(?P<registry>[^/]+)/(?P<kind>\w+)/(?P<name>[^/]+)(?:/(?P<what>versions|labels)/(?P<tag>[^/]+))?/?\Z"
)
_ARM = re.compile(r"(?:azureml:)?/?/?subscriptions/.+?/(?P<kind>components|environments|data|models|codes)/(?P<name>[^/]+)"
                  r"(?:/(?P<what>versions|labels)/(?P<tag>[^/]+))?/?\Z", re.IGNORECASE)  # fmt: skip
_DATASTORE = re.compile(r"azureml://(?:subscriptions/.+?/)?datastores/(?P<name>[^/]+)/paths(?:/(?P<path>.*))?\Z", re.DOTALL)
_JOB = re.compile(
    r"azureml://(?:subscriptions/.+?/)?jobs/(?P<job>[^/]+)/outputs/(?P<output>[^/]+)(?:/paths(?:/(?P<path>.*))?)?\Z", re.DOTALL
)


class AssetName(msgspec.Struct, frozen=True):
    """An asset by name, with a version or a label or neither. `registry` None is the workspace."""

    name: str
    version: str | None = None
    label: str | None = None
    registry: str | None = None

    @property
    def shown(self) -> str:
        """For people."""
        return self.name + (f":{self.version}" if self.version else f"@{self.label}" if self.label else "")


def asset_name(text: str) -> AssetName | None:
    """The asset that a text names; None when it is a path or an address."""
    if found := _REGISTRY.match(text):
        return _tagged(found["name"], found["what"], found["tag"], found["registry"])
    if found := _ARM.match(text):
        return _tagged(found["name"], found["what"], found["tag"], None)
    if not text.startswith("azureml:") or text.startswith("azureml://"):
        return None
    name = text.removeprefix("azureml:")
    if "://" in name or "/" in name:
        return None
    if "@" in name:
        name, _, label = name.partition("@")
        return AssetName(name, label=label)
    name, _, version = name.partition(":")
    return AssetName(name, version or None)


def _tagged(name: str, what: str | None, tag: str | None, registry: str | None) -> AssetName:
    return AssetName(name, tag if what == "versions" else None, tag if what == "labels" else None, registry)


def datastore_path(text: str) -> tuple[str, str] | None:
    """Datastore and path on it, of an address of either form."""
    found = _DATASTORE.match(text)
    return (found["name"], found["path"] or "") if found else None


def job_output(text: str) -> tuple[str, str, str] | None:
    """Run, output and path below it, of `azureml://jobs/…` or `runs:/…`."""
    if found := _JOB.match(text):
        return found["job"], found["output"], found["path"] or ""
    if text.startswith("runs:/"):
        job, _, path = text.removeprefix("runs:/").partition("/")
        return job, "artifacts", path
    return None
