"""How kernels are compiled and linked, and the intrinsics they are built from."""
