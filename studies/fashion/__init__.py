"""Loops on Fashion-MNIST: what regimes lose with a Gaussian, a mixture, a kernel density, and small neural models."""
