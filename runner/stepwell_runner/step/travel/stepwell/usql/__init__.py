"""The core of U-SQL, the language of Azure Data Lake Analytics: read, checked, and run row by row. Standard library only, Python 3.8.

Expressions are C#, and are compiled to functions that do what C# does: typed, with its nulls, its divisions and its overflows.
"""
