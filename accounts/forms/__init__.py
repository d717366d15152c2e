"""What do people fill in, and what do we say of what they filled in?"""
