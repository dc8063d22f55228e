"""latentwave: a latent-space neural wavetable synthesizer."""

__version__ = "0.1.0"
