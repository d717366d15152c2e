"""Which formulas turn contract lines into revenue figures?"""
