"""What a model is worth: scores, pages, pictures."""
