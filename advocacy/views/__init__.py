"""What does a person see and do about those who speak for us?"""
