"""`stepwell demo [NAME]`."""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import sys
from pathlib import Path

from stepwell.cli import exits
from stepwell.cli.common import examples, say
from stepwell.cli.naming import absolute
from stepwell.cli.progress import heading
from stepwell_store.errors import UsageError

ORDER = ("iris",)


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("name", metavar="NAME", nargs="?", default=ORDER[0], help=f"a sample project (default: {ORDER[0]})")
    parser.add_argument("--to", metavar="DIR", default=".", help="the folder to copy it to (default: here)")
    parser.add_argument("--list", action="store_true", help="list the sample projects")
    examples(parser, "stepwell demo", "stepwell demo --to /tmp", "stepwell demo --list")


def samples() -> Path:
    """The folder of the sample projects: inside the installed package, or at the top of a checkout."""
    package = Path(__file__).resolve().parents[2]
    inside = package / "samples"
    return inside if inside.is_dir() else package.parents[1] / "sample_projects"


def run(args: argparse.Namespace) -> int:
    """Copy a sample next to where the person is, run it twice, and say what to type next."""
    known = sorted(path.name for path in samples().iterdir() if (path / "pipeline.py").is_file())
    if args.list:
        print("\n".join(known))
        return exits.DONE
    if args.name not in known:
        raise UsageError(f"there is no sample {args.name}", todo=f"there are: {', '.join(known)}")
    folder = _copy(args.name, absolute(args.to))
    code = _run_twice(folder)
    if code == exits.DONE:
        _what_next(folder)
    return code


def _copy(name: str, to: Path) -> Path:
    folder = to / name
    if folder.exists() and any(folder.iterdir()):
        say(f"using the copy of {name} that is in {folder}")
        return folder
    shutil.copytree(samples() / name, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".stepwell", "__pycache__"))
    say(f"copied the sample {name} to {folder}")
    return folder


def _run_twice(folder: Path) -> int:
    from stepwell.cli.dispatch import dispatch

    command = ["run", str(folder / "pipeline.py"), "-w", str(folder)]
    _title(f"$ stepwell run {_from_here(folder / 'pipeline.py')}")
    code = dispatch(command)
    if code == exits.DONE:
        _title("\nThe same command once more: nothing changed, so nothing runs.")
        code = dispatch(command)
    return code


def _title(text: str) -> None:
    say(heading(text, sys.stderr))


def way_there(folder: Path) -> list[str]:
    """What to type so that the folder is the current one, and this command is found where it is not."""
    programs = Path(sys.executable).parent
    is_found = shutil.which("stepwell") is not None or not (programs / "stepwell").exists()
    return [*([] if is_found else [f'export PATH={shlex.quote(str(programs))}:"$PATH"']), f"cd {shlex.quote(_from_here(folder))}"]


def _from_here(path: Path) -> str:
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def _what_next(folder: Path) -> None:
    _title("\nWhat to type next")
    for line in way_there(folder):
        say(f"  {line}")
    say("  stepwell runs                      the runs so far")
    say("  stepwell show @last                the last one in full")
    say("  stepwell metrics @last/train_high  what a step measured")
    say("  stepwell graph pipeline.py         the pipeline, drawn")
    say("Then change a line in train/train.py and ask, before you run it again:")
    say("  stepwell run pipeline.py --plan")
    say("  stepwell why pipeline.py")
