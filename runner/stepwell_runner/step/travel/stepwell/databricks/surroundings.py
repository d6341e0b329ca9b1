"""The names that are there without being imported: `spark`, `sc`, `sqlContext`, `dbutils`, `display`, `getArgument`."""

import builtins
import sys
import types

from stepwell.databricks.utils import Utilities


class Late:
    """Stands for an object of Spark until it is used: a task that uses none starts none."""

    def __init__(self, make):
        object.__setattr__(self, "_make", make)

    def __getattr__(self, name):
        return getattr(object.__getattribute__(self, "_make")(), name)

    def __setattr__(self, name, value):
        setattr(object.__getattribute__(self, "_make")(), name, value)

    def __repr__(self):
        return repr(object.__getattribute__(self, "_make")())


def session():
    """The session of Spark."""
    from pyspark.sql import SparkSession

    return SparkSession.builder.getOrCreate()


def install(parameters, notebook=None):
    """Put the names where every module finds them; they come back as a dictionary."""
    dbutils = Utilities(parameters, notebook)
    names = {
        "spark": Late(session),
        "sc": Late(lambda: session().sparkContext),
        "sqlContext": Late(session),
        "dbutils": dbutils,
        "display": display,
        "displayHTML": print,
        "getArgument": dbutils.widgets.getArgument,
    }
    for name, value in names.items():
        setattr(builtins, name, value)
    module = types.ModuleType("pyspark.dbutils")
    module.DBUtils = lambda *_: dbutils
    sys.modules["pyspark.dbutils"] = module
    return names


def display(value=None, *_, **__):
    """Show a table, or print anything else."""
    show = getattr(value, "show", None)
    if callable(show):
        show()
    elif value is not None:
        print(value)
