"""Which shapes do the requests and answers about customers' records have?"""
