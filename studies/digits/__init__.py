"""A loop on scikit-learn's digits: what regimes lose in ten generations."""
