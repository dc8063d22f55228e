"""The instrument as one: the document, what is seen of the sound, housekeeping."""
