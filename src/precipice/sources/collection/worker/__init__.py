"""The process that talks to a site: the only place that imports gallery-dl, and nothing imports it."""
