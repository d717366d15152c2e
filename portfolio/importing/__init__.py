"""How does a whole book of accounts come in from a folder of files?

The way of a value: `reader` gives rows of a file, `mapping` says which columns of it make which column of ours (in the
little language of `expressions`), `targets` check and type the value, `loader` compares rows with what is stored and
writes the difference, `book` runs it all and gives a `report`.
"""
