"""What the engine costs and how clean it is: what `latentwave bench` prints."""
