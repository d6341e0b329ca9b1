"""What a task on Databricks finds around itself: `spark`, `dbutils`, notebooks made of cells. Standard library only, Python 3.8."""
