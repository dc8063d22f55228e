"""From events to notes: dispatch, keys, controllers, MPE zones, tempo, prefetch of notes to come."""
