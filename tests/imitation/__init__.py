"""Imitations of ArtStation, DeviantArt, Danbooru and AIBooru on loopback; all people, works and numbers are made up.

The shapes of answers follow gallery-dl's code, its tests, and third parties' descriptions; no site was asked.
"""
