"""`python -m stepwell.usql SCRIPT NAME=VALUE ...` runs a script with the values of its `@@NAME@@`."""

import os
import sys

from stepwell.usql.errors import UsqlError
from stepwell.usql.script import run


def main(words):
    """Run what the words say; the exit code."""
    path, values = words[0], dict(word.split("=", 1) for word in words[1:])
    try:
        with open(path, encoding="utf-8-sig") as file:
            run(file.read(), values, os.path.basename(path))
    except UsqlError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
