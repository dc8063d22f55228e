"""The training loop and what it needs: set-up, checkpoints, parallel steps, averages of weights."""
