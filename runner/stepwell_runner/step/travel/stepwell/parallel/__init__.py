"""Works off the input of one step in mini-batches: `python -m stepwell.parallel ARGUMENTS`, in the step's folder.

The driver cuts the input, keeps worker processes going that run the author's script, tries failed mini-batches again, and
puts the rows that they return into one file. Everything that it needs to know stands under `work` in the step's context.
Standard library only, Python 3.8 and later; pandas only where the input is a table.
"""
