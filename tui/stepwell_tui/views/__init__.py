"""What a place shows, as values: functions from a workspace, called in threads, that know nothing of Textual."""
