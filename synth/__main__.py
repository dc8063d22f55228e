"""`python -m synth` is `latentwave`."""

import signal
import sys

if __name__ == "__main__":
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # quiet until `main` answers it
    from .cli import main

    sys.exit(main())
