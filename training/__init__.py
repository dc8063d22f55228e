"""Training, export and honest scoring of the models that `synth` plays. Never imported by `synth`."""
