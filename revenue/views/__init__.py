"""What do people see of the money, and what can they do about it?"""
