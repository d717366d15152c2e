"""What do pages, the API and the apps above read of customers' records?"""
