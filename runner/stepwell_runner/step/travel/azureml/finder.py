"""Makes the modules below `azureml` and `azureml_user` as they are imported; their names are looked up when they are used."""

from __future__ import annotations

import sys
from typing import Any

from azureml.surface import MODULES, STAND_INS, VERSION, refusal

_Spec = type(sys.__spec__)
_TABLE = {**MODULES, **STAND_INS}


class Finder:
    """Finds the modules of one table, and nothing else."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        """The module's specification, or None for another finder's."""
        del path, target
        return _Spec(fullname, _Loader(), origin="Stepwell", is_package=True) if self._has(fullname) else None

    def _has(self, name: str) -> bool:
        return name in self._table or (self._table is MODULES and refusal(name) is not None)


class _Loader:
    def create_module(self, spec: Any) -> None:
        """The usual kind of module."""

    def exec_module(self, module: Any) -> None:
        """Give the module its names, none of which is looked up yet."""
        name = module.__name__
        module.__doc__ = f"Stepwell's stand-in for v1's {name}."
        module.__all__ = list(_TABLE.get(name, ()))
        module.VERSION = module.__version__ = VERSION
        module.__getattr__ = lambda attribute: _attribute(module, attribute)
        module.__dir__ = lambda: sorted({*vars(module), *module.__all__})


def _attribute(module: Any, attribute: str) -> Any:
    name = module.__name__
    why = refusal(name)
    if why is not None and not attribute.startswith("__"):
        from azureml import names

        value = names.refused(attribute, why)
    elif attribute in _TABLE.get(name, ()):
        from azureml import names

        value = names.resolve(name, attribute)
    elif f"{name}.{attribute}" in _TABLE:
        from importlib import import_module

        value = import_module(f"{name}.{attribute}")
    else:
        raise AttributeError(f"module {name!r} has no attribute {attribute!r} (Stepwell serves azureml here)")
    setattr(module, attribute, value)
    return value
