"""Runs that nobody asks for at the time: recurrences, changes of data, and what fires when."""
