"""Training: how a model learned, epoch by epoch, and all models side by side."""
