"""Voices: their allocation, their place among the rendered lanes, and what each is told for a quantum."""
