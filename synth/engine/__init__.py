"""The real-time side: numba kernels over one state struct, and the door to it (`engine.Engine`)."""
