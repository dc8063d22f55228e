"""What things cost and how well they do, on this machine: `python -m tests.bench.NAME`.

With `BENCH_SHORT=1` each runs for seconds, to see that it runs: the figures are then worth nothing. `make test` does that.
"""

import os

SHORT = bool(os.environ.get("BENCH_SHORT"))
