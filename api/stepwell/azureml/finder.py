"""Serves `import azureml...` from the table. The real SDK, where it is installed, is not touched and not mixed in."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from stepwell.azureml.homes import HOMES
from stepwell.azureml.surface import MODULES, STAND_INS, VERSION, refusal

_ROOTS = ("azureml", "azureml_user")
_TABLE = {**MODULES, **STAND_INS}
_CONSTANTS: dict[str, object] = {"VERSION": VERSION, "__version__": VERSION, "SNAPSHOT_MAX_SIZE_BYTES": 300 << 20}


def install() -> None:
    """From here on this process imports `azureml` from Stepwell, before whatever else may be installed under that name."""
    if not any(isinstance(finder, Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, Finder())
        sys.meta_path.append(StandIns())


class StandIns(MetaPathFinder):
    """Finds what comes with the SDK and is not installed; it is asked last."""

    def find_spec(self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:  # noqa: ARG002
        """The module, or None for what is not ours."""
        return ModuleSpec(fullname, _Loader(), origin="Stepwell", is_package=True) if fullname in STAND_INS else None


class Finder(MetaPathFinder):
    """Finds the modules of the table, and says of others below `azureml` that there are none."""

    def find_spec(self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:  # noqa: ARG002
        """The module of the table; ModuleNotFoundError for another one below `azureml`; None for what is not ours."""
        if fullname.partition(".")[0] not in _ROOTS:
            return None
        if fullname not in MODULES and refusal(fullname) is None:
            raise ModuleNotFoundError(f"No module named {fullname!r} (Stepwell serves azureml here, and has no such module)", name=fullname)
        return ModuleSpec(fullname, _Loader(), origin="Stepwell", is_package=True)


class _Loader(Loader):
    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        names = _TABLE.get(name, ())
        module.__doc__ = f"Stepwell's stand-in for v1's {name}."
        vars(module)["__all__"] = list(names)
        vars(module)["__getattr__"] = lambda attribute: _attribute(module, attribute)
        vars(module)["__dir__"] = lambda: sorted({*vars(module), *names, *_submodules(name)})
        for constant in ("VERSION", "__version__"):
            vars(module)[constant] = VERSION


def _submodules(name: str) -> list[str]:
    return [one.removeprefix(f"{name}.") for one in _TABLE if one.startswith(f"{name}.") and "." not in one[len(name) + 1 :]]


def _attribute(module: ModuleType, attribute: str) -> object:
    name = module.__name__
    why = refusal(name)
    if why is not None and not attribute.startswith("__"):
        value: object = _stand_in(attribute, why)
    elif attribute in _TABLE.get(name, ()):
        value = resolve(attribute)
    elif f"{name}.{attribute}" in _TABLE:
        value = import_module(f"{name}.{attribute}")
    else:
        raise AttributeError(f"module {name!r} has no attribute {attribute!r} (Stepwell serves azureml here)", name=attribute, obj=module)
    setattr(module, attribute, value)
    return value


def resolve(name: str) -> object:
    """What stands for a name of v1; AttributeError when Stepwell has nothing of that name."""
    if name in _CONSTANTS:
        return _CONSTANTS[name]
    if name not in HOMES:
        return _refused(name)
    return getattr(import_module(HOMES[name]), name)


def _refused(name: str) -> object:
    from stepwell.azureml.support import REFUSED

    if name not in REFUSED:
        raise AttributeError(f"Stepwell has no {name}", name=name)
    return _stand_in(name, REFUSED[name])


def _stand_in(name: str, why: str) -> object:
    from stepwell.azureml.refusals import stand_in

    return stand_in(name, why)
