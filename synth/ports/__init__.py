"""Ways in and out: JACK, PortAudio, MIDI, the recorder."""
