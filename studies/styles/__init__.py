"""Does the built-in embedder tell creators apart, and what does the section styles say of real pictures?"""
