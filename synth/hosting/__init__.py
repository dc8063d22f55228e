"""Other people's effect plug-ins, each chain in a process of its own: what is heard of them, and what becomes of them."""
