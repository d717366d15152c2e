"""What would a believable book of accounts look like, made anew from a seed?

A hidden state per account and month drives its usage, tickets, answers, expansions and churn, with noise: so a score
can be right or wrong, as in life. The same seed, size and day give the same book.
"""
