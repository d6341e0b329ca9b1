"""How pip packages come into an image: a Dockerfile that makes an environment with uv in a first stage and takes over only that.

The uv of this machine goes in, so that a base image needs nothing but a Python. What this machine knows of package indexes is
there in the first stage only, which is removed when the image is made.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping

from stepwell_runner.containers.context import Piece
from stepwell_runner.environments.lines import Line, parse
from stepwell_runner.graph.model import Packages

HOME = "/opt/stepwell/env"
STAGE_LABEL = "io.stepwell.stage"
_BUILD = "/stepwell-build"
_CERTIFICATES = f"{_BUILD}/certificates.pem"

_DOCKERFILE = """\
FROM {base} AS made
USER root
COPY build {build}
RUN sh {build}/make.sh {python}
LABEL {label}={digest}
FROM {base}
COPY --from=made /opt/stepwell /opt/stepwell
ENV PATH={home}/bin:{path} VIRTUAL_ENV={home}
"""

_MAKE = f"""\
set -e
cd {_BUILD}
. ./variables
export UV_NO_CACHE=1 UV_PYTHON_INSTALL_DIR=/opt/stepwell/python UV_NO_PROGRESS=1 NO_COLOR=1
mkdir -p /opt/stepwell
if ./uv --version >/dev/null 2>&1; then
    ./uv venv --quiet --python "$1" {HOME}
    if [ -s requirements.txt ]; then
        ./uv pip install --compile-bytecode --python {HOME}/bin/python --requirements requirements.txt
    fi
else
    "$1" -m venv {HOME}
    if [ -s requirements.txt ]; then
        {HOME}/bin/python -m pip install --no-cache-dir --requirement requirements.txt
    fi
fi
"""

_INDEXES = re.compile(r"(UV_(DEFAULT_)?INDEX\w*|UV_EXTRA_INDEX_URL|UV_INSECURE_HOST|UV_INDEX_STRATEGY|UV_HTTP_TIMEOUT|UV_NATIVE_TLS|"
                      r"PIP_(EXTRA_)?INDEX_URL|PIP_TRUSTED_HOST|(https?|all|no)_proxy)\Z", re.IGNORECASE)  # fmt: skip
_DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def dockerfile(base: str, python: str, digest: str, path: str | None) -> str:
    """The text of the Dockerfile. `base` names the image below, `python` its interpreter or a version, `path` its PATH."""
    return _DOCKERFILE.format(base=base, build=_BUILD, python=shlex.quote(python), label=STAGE_LABEL, digest=digest, home=HOME,
                              path=path or _DEFAULT_PATH)


def pieces(spec: Packages, environment: Mapping[str, str], uv: str) -> list[Piece]:
    """What the first stage is given: requirements, the files that they name, uv, and how packages are reached."""
    lines = [line for text in spec.requirements if (line := parse(text)) is not None]
    texts = [text for text in spec.requirements if parse(text) is not None]
    local = {line.path: f"local/{number}" for number, line in enumerate(lines) if line.path is not None}
    said = [_rewritten(text, line, local) for text, line in zip(texts, lines, strict=True)]
    certificates = environment.get("SSL_CERT_FILE")
    return [
        Piece("build/requirements.txt", "".join(f"{line}\n" for line in said).encode()),
        Piece("build/make.sh", _MAKE.encode()), Piece("build/variables", _variables(environment).encode()),
        Piece("build/uv", path=uv, mode=0o755),
        *([Piece("build/certificates.pem", path=certificates)] if certificates and os.path.isfile(certificates) else []),
        *(piece for path, name in local.items() for piece in _copied(path, name)),
    ]  # fmt: skip


def _rewritten(text: str, line: Line, local: Mapping[str, str]) -> str:
    """The line with the place that a local file or folder has for the builder."""
    if line.path is None:
        return text
    place = f"{_BUILD}/{local[line.path]}/{os.path.basename(line.path.rstrip('/'))}"
    if line.name is None:
        return f"-c {place}"
    return f"{line.name} @ file://{place}" if "@" in text and "file:" in text else place


def _copied(path: str, name: str) -> list[Piece]:
    from stepwell_runner.environments.lines import source_files

    base = os.path.basename(path.rstrip("/"))
    return [Piece(os.path.normpath(f"build/{name}/{base}/{below}"), path=file) for below, file in source_files(path)]


def _variables(environment: Mapping[str, str]) -> str:
    known = {name: value for name, value in environment.items() if _INDEXES.match(name)}
    if environment.get("SSL_CERT_FILE"):
        known |= {"SSL_CERT_FILE": _CERTIFICATES, "PIP_CERT": _CERTIFICATES}
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in sorted(known.items()))
