"""From a trained network to a model folder: ONNX graphs, latent map, directions."""
