"""Small screens above a place: forms, questions, help."""
