"""Names, commands and their tokens as Azure ML v2 writes them."""

from __future__ import annotations

import re
import shlex

from stepwell_runner.graph.tokens import (
    Fact,
    InputRef,
    Joined,
    OutputRef,
    ParameterRef,
    PythonRef,
    Quoted,
    Sampled,
    Text,
    Token,
)

_FACTS = {"run": "$AZUREML_ROOT_RUN_ID", "step_run": "$AZUREML_RUN_ID", "experiment": "$AZUREML_ARM_PROJECT_NAME",
          "workspace": "$AZUREML_ARM_WORKSPACE_NAME", "folder": ".", "attempt": "1"}  # fmt: skip
_PLAIN = re.compile(r"[\w@%+=:,./-]+")


def name_of(key: str) -> str:
    """A key or name as Azure takes it: small letters, digits and `_`, not beginning with a digit."""
    name = re.sub(r"\W+", "_", key, flags=re.ASCII).strip("_").lower() or "step"
    return f"_{name}" if name[0].isdigit() else name


def port_of(name: str) -> str:
    """The name of an input or output as Azure takes it."""
    port = re.sub(r"\W+", "_", name, flags=re.ASCII)
    return f"_{port}" if port[:1].isdigit() else port


def command(tokens: tuple[Token, ...]) -> str:
    """The tokens of a step's command as the text of v2's `command`."""
    return pasted(tokens[2]) if tokens[:2] == (Text("bash"), Text("-c")) and len(tokens) == 3 else words(tokens)


def words(tokens: tuple[Token, ...]) -> str:
    """Tokens as words of a command."""
    return " ".join(_word(one) for one in tokens)


def parts_of(token: Token) -> list[Token]:
    """The tokens that a token is made of."""
    if isinstance(token, Joined):
        return [one for part in token.parts for one in parts_of(part)]
    return parts_of(token.part) if isinstance(token, Quoted) else [token]


def pasted(token: Token) -> str:
    """A token as it stands in the text of a command."""
    return "".join(_text(one) for one in parts_of(token))


def _text(token: Token) -> str:
    match token:
        case Text(text):
            return text
        case InputRef(name) | ParameterRef(name):
            return f"${{{{inputs.{port_of(name)}}}}}"
        case OutputRef(name):
            return f"${{{{outputs.{port_of(name)}}}}}"
        case Sampled(name):
            return f"${{{{search_space.{name}}}}}"
        case PythonRef():
            return "python"
        case Fact(name):
            return _FACTS.get(name, name)
    return ""


def _word(token: Token) -> str:
    """A token as one word of a command."""
    parts = parts_of(token)
    if all(isinstance(one, Text) for one in parts):
        return shlex.quote(pasted(token))
    text = "".join(re.sub(r'(["$`\\])', r"\\\1", one.text) if isinstance(one, Text) else _text(one) for one in parts)
    return text if _PLAIN.fullmatch(re.sub(r"\$\{\{[^}]*\}\}|\$\w+", "x", text)) else f'"{text}"'
