"""Adapting a finished model to whole notes: their frames, the closed-form fit of its last layer, what that was worth, the model folder."""
