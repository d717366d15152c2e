"""What follows from numbers, dates and roles alone, without a database?"""
