"""Training's commands for the `latentwave` command line."""


def register(subparsers):
    """Add `train` and `evaluate`."""
