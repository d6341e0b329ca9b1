"""Submissions that wait for room on their compute target, in order, and are started by whoever notices that there is some."""
