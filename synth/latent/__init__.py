"""From a latent point to a spectrum: instruments, spectra and the decode worker."""
