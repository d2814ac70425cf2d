"""Profiles: what each cohort uploads, and how it is labelled."""
