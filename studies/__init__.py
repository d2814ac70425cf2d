"""Studies of precipice itself: what its methods get right, measured on simulated platforms."""
