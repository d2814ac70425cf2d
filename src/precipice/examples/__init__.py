"""Files of the example studies."""
