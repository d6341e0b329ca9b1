"""Completion scripts for shells, made from the verbs' own parsers. They ask `stepwell runs` for the ids of runs."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from importlib import import_module

import msgspec

from stepwell.cli.table import VERBS

_RUNS = "command stepwell runs -n 50 2>/dev/null | command awk 'NR > 1 { print $2 }'"


class Option(msgspec.Struct, frozen=True):
    """An option with all its spellings; `values` are the words that may follow, None when anything may, empty when nothing does."""

    spellings: tuple[str, ...]
    help: str
    values: tuple[str, ...] | None


class Completed(msgspec.Struct, frozen=True):
    """What may follow a verb: options, fixed words, ids of runs."""

    verb: str
    summary: str
    options: tuple[Option, ...]
    words: tuple[str, ...]
    takes_run: bool


def gather() -> list[Completed]:
    """All verbs, from the parsers that they make."""
    found = []
    for name, verb in VERBS.items():
        parser = argparse.ArgumentParser(add_help=True)
        import_module(f"stepwell.cli.verbs.{verb.module}").configure(parser)
        actions = _actions(parser)
        words = tuple(dict.fromkeys(str(word) for action in actions if not action.option_strings for word in action.choices or ()))
        takes_run = any("RUN" in str(action.metavar or "") for action in actions if not action.option_strings)
        options = {action.option_strings[0]: _option(action) for action in actions if action.option_strings}
        found.append(Completed(name, verb.summary, tuple(options.values()), words, takes_run))
    return found


def _actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Its own, and those of the verbs below it. argparse has no other way to ask for them."""
    own = list(parser._actions)  # noqa: SLF001
    inner = [action for action in own if isinstance(action, argparse._SubParsersAction)]  # noqa: SLF001
    return own + [action for group in inner for below in dict(group.choices).values() for action in _actions(below)]


def _option(action: argparse.Action) -> Option:
    values = () if action.nargs == 0 else tuple(map(str, action.choices)) if action.choices else None
    first = re.split(r"[;:(]", (action.help or "").replace("%%", "%"))[0]
    return Option(tuple(action.option_strings), re.sub(r"[^\w ,.@/%-]", "", first).strip(), values)


def bash(verbs: list[Completed]) -> str:
    """For bash: `source <(stepwell completion bash)`."""
    cases = "\n".join(f"    {one.verb}) options='{_spellings(one)}' words='{_words(one)}' runs={int(one.takes_run)} ;;" for one in verbs)
    return f"""# stepwell completion for bash
_stepwell() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} options= words= runs=0
  COMPREPLY=()
  if (( COMP_CWORD == 1 )); then
    COMPREPLY=($(compgen -W '{" ".join(one.verb for one in verbs)} --help --version' -- "$cur"))
    return
  fi
  case ${{COMP_WORDS[1]}} in
{cases}
  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$cur"))
  else
    (( runs )) && words="$words $({_RUNS})"
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
  fi
}}
complete -o default -F _stepwell stepwell
"""


def _spellings(one: Completed) -> str:
    return " ".join(spelling for option in one.options for spelling in option.spellings)


def _words(one: Completed) -> str:
    return " ".join((*one.words, *(("@last",) if one.takes_run else ())))


def zsh(verbs: list[Completed]) -> str:
    """For zsh: `source <(stepwell completion zsh)`, after `compinit`."""
    listed = "\n".join(f"    '{one.verb}:{_quoted(one.summary)}'" for one in verbs)
    cases = "\n".join(f"    {one.verb}) _arguments {' '.join(_zsh_arguments(one))} ;;" for one in verbs)
    return f"""#compdef stepwell
_stepwell_words() {{
  local -a ids
  ids=(${{(s: :)1}})
  [[ $2 == 1 ]] && ids+=(${{(f)"$({_RUNS})"}})
  compadd -a ids
  _files
}}
_stepwell() {{
  local -a verbs
  verbs=(
{listed}
  )
  if (( CURRENT == 2 )); then
    _describe 'verb' verbs
    return
  fi
  local verb=$words[2]
  shift words
  (( CURRENT-- ))
  case $verb in
{cases}
  esac
}}
compdef _stepwell stepwell
"""


def _zsh_arguments(one: Completed) -> list[str]:
    found = []
    for option in one.options:
        for spelling in option.spellings:
            value = "" if option.values == () else f": :({' '.join(option.values)})" if option.values else ": :_files"
            found.append(f"'*{spelling}[{_quoted(option.help)}]{value}'")
    return [*found, f"'*: :{{_stepwell_words \"{_words(one)}\" {int(one.takes_run)}}}'"]


def fish(verbs: list[Completed]) -> str:
    """For fish: `stepwell completion fish | source`."""
    lines = ["# stepwell completion for fish", f"function __stepwell_runs\n    {_RUNS}\nend"]
    for one in verbs:
        lines.append(f"complete -c stepwell -n __fish_use_subcommand -f -a {one.verb} -d '{_quoted(one.summary)}'")
        seen = f"complete -c stepwell -n '__fish_seen_subcommand_from {one.verb}'"
        lines += [f"{seen} {_fish_option(option)}" for option in one.options]
        if _words(one):
            lines.append(f"{seen} -a '{_words(one)}'")
        if one.takes_run:
            lines.append(f"{seen} -f -a '(__stepwell_runs)'")
    return "\n".join(lines) + "\n"


def _fish_option(option: Option) -> str:
    names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.spellings)
    value = "" if option.values == () else f" -x -a '{' '.join(option.values)}'" if option.values else " -r"
    return f"{names}{value} -d '{_quoted(option.help)}'"


def _quoted(text: str) -> str:
    return re.sub(r"['\\:\[\]]", "", text)


SCRIPTS: dict[str, Callable[[list[Completed]], str]] = {"bash": bash, "zsh": zsh, "fish": fish}
