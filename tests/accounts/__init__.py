"""Do people and the records of customers keep their word?"""
