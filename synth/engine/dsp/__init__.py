"""Signal processing of single voices: takes numbers, arrays and records, knows no state."""
