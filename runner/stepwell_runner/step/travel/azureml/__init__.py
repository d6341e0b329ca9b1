"""`azureml` in a step: v1's `Run` is this step's own, and everything else of v1's is asked of the workspace when it is used.

Standard library only, Python 3.8 and later. It comes before an SDK that the step's interpreter may have installed.
"""

from __future__ import annotations

import sys

from azureml.finder import Finder
from azureml.surface import MODULES, STAND_INS

sys.meta_path.insert(0, Finder(MODULES))
sys.meta_path.append(Finder(STAND_INS))
