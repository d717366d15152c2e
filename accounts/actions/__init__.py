"""What can people do to the records of customers?"""
