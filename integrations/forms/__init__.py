"""What is filled in about what connects to the outside?"""
