"""The driver's process."""

import sys

from stepwell.parallel.driver import main

sys.exit(main(sys.argv[1:]))
