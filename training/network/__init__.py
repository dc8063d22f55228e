"""The network, its losses, its phases, and the Gauss-Newton steps of its encoder."""

from . import eager

eager.install()
