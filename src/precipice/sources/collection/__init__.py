"""Collection: artists' uploads asked of the platforms themselves, through gallery-dl in a process of its own.

`frames` says who may be asked and draws whom; `supervisor` leads a `worker` a site through them and judges, artist by
artist, whether everything was served (`completeness`); `ledger` and `spool` keep what came, so that a kill at any
moment loses nothing.  Nothing here imports gallery-dl but `worker`, which nothing here imports.
"""
