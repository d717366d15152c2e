"""What do the screens read that join apps?"""
