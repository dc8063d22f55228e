"""The latent position and the spectra decoded for it, as streams that voices read their tables from."""
