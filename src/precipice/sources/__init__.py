"""The doors in: whatever the world says about uploads is read here and leaves as `Upload` or `Dropped`."""
