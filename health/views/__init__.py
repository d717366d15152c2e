"""How does a person look at health and its warnings, and set what makes them?"""
