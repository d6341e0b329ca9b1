"""What is wrong with a script, or with the data that it meets."""


class UsqlError(Exception):
    """`message` with the place, line and column from 1, as `script(line,column): message`."""

    def __init__(self, message, place=None, script=None):
        Exception.__init__(self, message)
        self.message = message
        self.place = place
        self.script = script

    def __str__(self):
        where = self.script or "script"
        return f"{where}({self.place[0]},{self.place[1]}): {self.message}" if self.place else self.message


class RowError(Exception):
    """A value that an expression cannot be computed for, such as a division by zero."""
