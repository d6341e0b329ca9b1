"""`python -m stepwell` is the command `stepwell`."""

from stepwell.cli import command

command()
