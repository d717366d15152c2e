"""What do the screens that join apps answer?"""
