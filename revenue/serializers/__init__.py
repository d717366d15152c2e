"""Which shapes do revenue's requests and answers have?"""
