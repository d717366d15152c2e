"""How does a person look at health, and set how it is scored?"""
