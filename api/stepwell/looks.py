"""Whether a file looks like one that defines a pipeline, from the beginning of its text; nothing is run or parsed."""

from __future__ import annotations

import re
from pathlib import Path

_PYTHON_LOOKED_AT = 200_000
_CALL = b"Pipeline("
_IMPORTS = (b"import stepwell", b"from stepwell", b"azureml.pipeline")

_YAML_LOOKED_AT = 8192
_ONE_STEP = re.compile(rb"""^(?:\xef\xbb\xbf)?["']?\$schema["']?[ \t]*:.*(?:command|sweep|spark)Job\b""", re.MULTILINE | re.IGNORECASE)
_TYPE = re.compile(rb"""^(?:\xef\xbb\xbf)?(["']?)type\1[ \t]*:[ \t]+(["']?)pipeline\2[ \t]*(?:#.*)?\r?$""", re.MULTILINE)
# Both say `type: pipeline` as well: a component is a part of pipelines, a deployment is for Azure's endpoints.
_OTHERS = re.compile(rb"^(?:\xef\xbb\xbf)?(?:endpoint_name[ \t]*:|\$schema[ \t]*:.*pipelineComponent)", re.MULTILINE | re.IGNORECASE)


def looks_like_pipeline(path: Path) -> bool:
    """Whether a `.py`, `.yml` or `.yaml` file has what a pipeline file has; False for what cannot be read."""
    is_yaml = path.suffix in (".yml", ".yaml")
    try:
        with open(path, "rb") as file:
            text = file.read(_YAML_LOOKED_AT if is_yaml else _PYTHON_LOOKED_AT)
    except OSError:
        return False
    return _is_yaml_job(text) if is_yaml else _CALL in text and any(one in text for one in _IMPORTS)


def _is_yaml_job(text: bytes) -> bool:
    return _ONE_STEP.search(text) is not None or (_TYPE.search(text) is not None and _OTHERS.search(text) is None)
