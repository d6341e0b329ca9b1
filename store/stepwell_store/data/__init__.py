"""Where people's data is and how it is read: datastores and dataset definitions."""
