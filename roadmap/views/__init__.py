"""Which pages of the roadmap are there?"""
