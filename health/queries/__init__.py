"""What is known of the health of customers?"""
