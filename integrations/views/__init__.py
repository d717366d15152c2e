"""Which pages are there for what connects to the outside?"""
