"""Measures Stepwell beside its peers, in one run: `make bench`, or `make bench ARGS="--peers doit --workloads w1,w2 --reps 5"`."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Collection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from figures import Figure, table
from sources import large_source
from tools.bare import Bare
from tools.doit import Doit
from tools.dvc import Dvc
from tools.snakemake import Snakemake
from tools.stepwell import Stepwell
from tools.tool import Place, Tool
from trial import TINY, Sizes, Trial
from workloads import cold_chain, listing, no_op, one_change, start_up, workers

PEERS: dict[str, type[Tool]] = {"doit": Doit, "snakemake": Snakemake, "dvc": Dvc}
WORKLOADS = {"w1": cold_chain, "w2": no_op, "w3": one_change, "w4": large_source, "w5": start_up, "w6": workers, "w7": listing}


def main() -> int:
    """Measure, print the table; 1 when something could not be measured for Stepwell."""
    args = _arguments()
    with TemporaryDirectory(dir=args.work, prefix="stepwell-bench-") as work:
        return _measure(args, Place(args.kept.absolute(), Path(work).resolve()))


def _measure(args: argparse.Namespace, place: Place) -> int:
    trial = Trial(_installed(place, args.peers), Bare(place), TINY if args.tiny else Sizes(), args.reps)
    figures: list[Figure] = []
    load: dict[str, float] = {}
    for name in args.workloads:
        figures += WORKLOADS[name](trial)
        load[name] = os.getloadavg()[0]
        print(f"{name} measured, load average {load[name]:.1f}", file=sys.stderr, flush=True)
    data = _data(trial, figures, load)
    print(_head(data))
    print(table(figures, [*(tool.name for tool in trial.tools), trial.bare.name]))
    for what, why in trial.failures.items():
        print(f"not measured: {what}: {why}")
    if args.json:
        args.json.write_bytes(msgspec.json.format(msgspec.json.encode(data), indent=1))
    return 1 if any(failed.endswith(", stepwell") for failed in trial.failures) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", type=_chosen(PEERS), default=list(PEERS), help=f"some of {','.join(PEERS)} (default: all); '' for none")
    parser.add_argument("--workloads", type=_chosen(WORKLOADS), default=list(WORKLOADS), help=f"some of {','.join(WORKLOADS)}")
    parser.add_argument("--reps", type=int, default=3, help="how often each is measured; medians are shown (default: 3)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument("--tiny", action="store_true", help="with very little work, to see that everything works")
    parser.add_argument("--kept", type=Path, metavar="DIR", default=Path(__file__).parents[1] / ".bench", help="for what is made once")
    # Not the usual place for temporary files, which may be in memory, and not below this repository, which Stepwell would look at.
    parser.add_argument("--work", type=Path, metavar="DIR", default=Path("/var/tmp"), help="for the rest, in a folder that is removed")
    return parser.parse_args()


def _chosen(known: Collection[str]) -> Callable[[str], list[str]]:
    def names(text: str) -> list[str]:
        wanted = [name for name in text.split(",") if name]
        unknown = [name for name in wanted if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: not one of {', '.join(known)}")
        return wanted

    return names


def _installed(place: Place, peers: list[str]) -> list[Tool]:
    """Stepwell and the peers that were asked for, ready to be measured."""
    place.environment("steps")
    tools = [Stepwell(place), *(PEERS[name](place) for name in peers)]
    for tool in tools:
        tool.install()
    return tools


def _data(trial: Trial, figures: list[Figure], load: dict[str, float]) -> dict[str, Any]:
    return {"platform": platform.platform(), "python": platform.python_version(), "processors": os.cpu_count(),
            "repetitions": trial.times, "load": load, "failures": trial.failures,
            "figures": [{**msgspec.to_builtins(figure), "reached": figure.reached, "ratio": figure.ratio} for figure in figures]}


def _head(data: dict[str, Any]) -> str:
    load = ", ".join(f"{name} {value:.1f}" for name, value in data["load"].items())
    return (f"{data['platform']}, Python {data['python']}, {data['processors']} processors; medians of {data['repetitions']};"
            f" load average after {load}")


if __name__ == "__main__":
    sys.exit(main())
