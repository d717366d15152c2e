"""What do the pages about people, accounts and their records answer?"""
