"""`stepwell demo [NAME]`."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from stepwell.cli import exits
from stepwell.cli.common import examples, say
from stepwell.cli.progress import heading
from stepwell_store.errors import UsageError

ORDER = ("iris",)


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("name", metavar="NAME", nargs="?", default=ORDER[0], help=f"a sample project (default: {ORDER[0]})")
    parser.add_argument("--list", action="store_true", help="list the sample projects")
    examples(parser, "stepwell demo", "stepwell demo --list")


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
    folder = _copy(args.name)
    code = _run_twice(folder)
    if code == exits.DONE:
        _what_next(folder)
    return code


def _copy(name: str) -> Path:
    folder = Path.cwd() / name
    if folder.exists() and any(folder.iterdir()):
        say(f"using the copy of {name} that is in {folder}")
        return folder
    shutil.copytree(samples() / name, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".stepwell", "__pycache__"))
    say(f"copied the sample {name} to {folder}")
    return folder


def _run_twice(folder: Path) -> int:
    from stepwell.cli.dispatch import dispatch

    command = ["run", str(folder / "pipeline.py"), "-w", str(folder)]
    _title(f"$ stepwell run {folder.name}/pipeline.py")
    code = dispatch(command)
    if code == exits.DONE:
        _title("\nThe same command once more: nothing changed, so nothing runs.")
        code = dispatch(command)
    return code


def _title(text: str) -> None:
    say(heading(text, sys.stderr))


def _what_next(folder: Path) -> None:
    _title("\nWhat to type next")
    say(f"  cd {folder.name}")
    say("  stepwell runs                      the runs so far")
    say("  stepwell show @last                the last one in full")
    say("  stepwell metrics @last/train_high  what a step measured")
    say("  stepwell graph pipeline.py         the pipeline, drawn")
    say("Then change a line in train/train.py and ask, before you run it again:")
    say("  stepwell run pipeline.py --plan")
    say("  stepwell why pipeline.py")
