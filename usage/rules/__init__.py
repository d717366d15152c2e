"""Which formulas turn product use into figures?"""
