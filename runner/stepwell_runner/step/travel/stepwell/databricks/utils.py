"""`dbutils`: widgets, files, notebooks. What needs a service that is not here says so."""

import os
import shutil
from typing import NamedTuple


class FileInfo(NamedTuple):
    """A file or folder: its path, its name (a folder's with a slash), bytes, and milliseconds since 1970."""

    path: str
    name: str
    size: int
    modificationTime: int  # noqa: N815


class Utilities:
    """The object `dbutils`."""

    def __init__(self, parameters, notebook):
        self.widgets = Widgets(parameters)
        self.fs = Files()
        self.notebook = Notebooks(notebook)
        self.secrets = Secrets()
        self.library = Library()
        self.jobs = Jobs()

    def help(self, *_):
        """What there is."""
        print("dbutils: widgets, fs, notebook, secrets, library, jobs.taskValues")


class Widgets:
    """Parameters by name: those that the step was given, and the defaults that the notebook declares."""

    def __init__(self, given):
        self._given = dict(given)
        self._declared = {}

    def get(self, name):
        """The value of one, as text."""
        if name in self._given:
            return self._given[name]
        if name in self._declared:
            return self._declared[name]
        known = ", ".join(sorted(set(self._given) | set(self._declared))) or "none"
        raise ValueError(f"InputWidgetNotDefined: there is no widget named {name!r}; there are: {known}")

    def getArgument(self, name, optional=None):  # noqa: N802
        """The value of one, or another value where there is none."""
        return self._given.get(name, self._declared.get(name, optional))

    def getAll(self):  # noqa: N802
        """All of them."""
        merged = dict(self._declared)
        merged.update(self._given)
        return merged

    def text(self, name, defaultValue="", label=None):  # noqa: N803, ARG002
        """Declare one with its default."""
        self._declared[name] = str(defaultValue)

    def dropdown(self, name, defaultValue, choices=(), label=None):  # noqa: N803, ARG002
        """Declare one with its default, which is one of the choices."""
        if choices and defaultValue not in choices:
            raise ValueError(f"the default of widget {name!r} is {defaultValue!r}, which is none of {list(choices)}")
        self._declared[name] = str(defaultValue)

    combobox = dropdown
    multiselect = dropdown

    def remove(self, name):
        """Forget one that was declared."""
        self._declared.pop(name, None)

    def removeAll(self):  # noqa: N802
        """Forget all that were declared."""
        self._declared.clear()


class Notebooks:
    """Other notebooks, and the end of this one."""

    def __init__(self, notebook):
        self._notebook = notebook

    def exit(self, value):
        """End the notebook with a value."""
        if self._notebook is None:
            raise SystemExit(0)
        self._notebook.exit(str(value))

    def run(self, path, timeout_seconds=0, arguments=None):  # noqa: ARG002
        """Run another notebook, named from this one; what it exited with."""
        if self._notebook is None:
            raise RuntimeError("a script cannot run notebooks")
        return self._notebook.nested(path, {key: str(value) for key, value in (arguments or {}).items()})


class Files:
    """Files of this machine. `dbfs:/x`, `file:/x` and `/dbfs/x` mean `/x`."""

    def ls(self, path):
        """What is in a folder, or the file itself."""
        place = local(path)
        names = sorted(os.listdir(place)) if os.path.isdir(place) else [""]
        return [_info(os.path.join(place, name) if name else place) for name in names]

    def head(self, path, maxBytes=65536):  # noqa: N803
        """The beginning of a file as text."""
        with open(local(path), "rb") as file:
            return file.read(maxBytes).decode("utf-8", "replace")

    def put(self, path, contents, overwrite=False):
        """Write a file."""
        place = local(path)
        if os.path.exists(place) and not overwrite:
            raise FileExistsError(place)
        os.makedirs(os.path.dirname(place) or ".", exist_ok=True)
        with open(place, "w", encoding="utf-8") as file:
            file.write(contents)
        return True

    def mkdirs(self, path):
        """Make a folder and those above it."""
        os.makedirs(local(path), exist_ok=True)
        return True

    def cp(self, source, target, recurse=False):
        """Copy a file, or with `recurse` a folder."""
        begin, end = local(source), local(target)
        os.makedirs(os.path.dirname(end) or ".", exist_ok=True)
        if recurse and os.path.isdir(begin):
            shutil.copytree(begin, end)
        else:
            shutil.copy2(begin, end)
        return True

    def mv(self, source, target, recurse=False):  # noqa: ARG002
        """Move a file or a folder."""
        end = local(target)
        os.makedirs(os.path.dirname(end) or ".", exist_ok=True)
        shutil.move(local(source), end)
        return True

    def rm(self, path, recurse=False):
        """Remove a file, or with `recurse` a folder. Whether there was one."""
        place = local(path)
        if not os.path.lexists(place):
            return False
        if os.path.isdir(place) and not os.path.islink(place):
            if recurse:
                shutil.rmtree(place)
            else:
                os.rmdir(place)
        else:
            os.unlink(place)
        return True

    def mounts(self):
        """None."""
        return []

    def mount(self, *_, **__):
        """There is nothing to mount here."""
        raise NotImplementedError("dbutils.fs.mount: data comes as an input of the step; read it at dbutils.widgets.get(name of the input)")

    unmount = mount
    refreshMounts = mounts  # noqa: N815


class Secrets:
    """Secrets are in no scope here; an environment variable stands in for each."""

    def get(self, scope, key):
        """The variable `SCOPE_KEY` of the step."""
        name = f"{scope}_{key}".upper().replace("-", "_").replace(".", "_")
        if name not in os.environ:
            raise KeyError(f"secret {key!r} of scope {scope!r}: set the variable {name} of the step (spark_env_variables)")
        return os.environ[name]

    def getBytes(self, scope, key):  # noqa: N802
        """The same as bytes."""
        return self.get(scope, key).encode()

    def listScopes(self):  # noqa: N802
        """None."""
        return []


class Library:
    """Packages are those of the step's environment."""

    def restartPython(self):  # noqa: N802
        """Nothing needs it."""

    def installPyPI(self, package, *_, **__):  # noqa: N802
        """Say where it goes."""
        print(f"{package}: packages are those of the step's environment; put them into pypi_libraries")


class Jobs:
    """Values that tasks of one job hand on; here only within the task."""

    def __init__(self):
        self.taskValues = TaskValues()


class TaskValues:
    """By key."""

    def __init__(self):
        self._values = {}

    def set(self, key, value):
        """Keep one."""
        self._values[key] = value

    def get(self, taskKey=None, key=None, default=None, debugValue=None):  # noqa: N803, ARG002
        """One that was kept, or the default."""
        return self._values.get(key, default if default is not None else debugValue)


def local(path):
    """The path on this machine."""
    text = str(path)
    for scheme in ("dbfs:", "file:"):
        if text.startswith(scheme):
            text = "/" + text[len(scheme) :].lstrip("/")
    return text[5:] if text.startswith("/dbfs/") and not os.path.isdir("/dbfs") else text


def _info(path):
    found = os.stat(path)
    folder = os.path.isdir(path)
    return FileInfo(path, os.path.basename(path) + ("/" if folder else ""), 0 if folder else found.st_size, int(found.st_mtime * 1000))
