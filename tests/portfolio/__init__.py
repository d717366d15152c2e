"""Do the screens that join apps show and do what they say?"""
