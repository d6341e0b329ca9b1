"""What is said in SQLite: history as events and the rows that follow from them, and the definitions that people edit."""
