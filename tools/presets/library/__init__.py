"""The recipes, a file for each family of sounds."""
