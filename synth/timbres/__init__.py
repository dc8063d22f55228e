"""From a latent position to a spectrum: model folders, sources, morph paths and the decode worker."""
