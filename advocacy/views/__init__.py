"""How do people see who speaks for us, and what comes of it?"""
