"""Data for training: data sets and their split, levels, synthetic cycles, augmentation, batches."""
