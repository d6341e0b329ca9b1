"""How much a Java machine logs: looked at before its first step, and put back after each."""

from __future__ import annotations

from collections.abc import Mapping

from stepwell_runner.targets.spark.gateway import Answer, Gateway, GatewayError, Ref, Static

_MANAGER = Static("org.apache.logging.log4j.LogManager")
_CONFIGURATOR = Static("org.apache.logging.log4j.core.config.Configurator")
_LEVEL = Static("org.apache.logging.log4j.Level")
_STRING = Static("java.lang.String")


def levels(gateway: Gateway) -> dict[str, str]:
    """The names of the loggers that are configured, `` for the one above all, and their levels. GatewayError."""
    configuration = _ref(gateway.call(_context(gateway), "getConfiguration"))
    return {name: _level(gateway, configuration, name) for name in _names(gateway, configuration)}


def put_back(gateway: Gateway, before: Mapping[str, str]) -> None:
    """Give the loggers the levels of `levels`; others that a step configured are forgotten. GatewayError.

    The configuration is changed, not read anew: Spark keeps the first one that it saw, and would set the levels of that.
    """
    context = _context(gateway)
    configuration = _ref(gateway.call(context, "getConfiguration"))
    for name in _names(gateway, configuration):
        if name not in before:
            gateway.call(configuration, "removeLogger", name)
    gateway.call(context, "updateLoggers")
    for name, level in before.items():
        gateway.call(_CONFIGURATOR, "setLevel", name, _ref(gateway.call(_LEVEL, "toLevel", level)))


def _context(gateway: Gateway) -> Ref:
    return _ref(gateway.call(_MANAGER, "getContext", False))


def _names(gateway: Gateway, configuration: Ref) -> list[str]:
    known = _ref(gateway.call(_ref(gateway.call(configuration, "getLoggers")), "keySet"))
    return str(gateway.call(_STRING, "join", "\n", known)).split("\n")


def _level(gateway: Gateway, configuration: Ref, name: str) -> str:
    logger = _ref(gateway.call(configuration, "getLoggerConfig", name))
    return str(gateway.call(_ref(gateway.call(logger, "getLevel")), "name"))


def _ref(answer: Answer) -> Ref:
    if not isinstance(answer, Ref):
        raise GatewayError(f"it answers {answer!r}, which is no object")
    return answer
