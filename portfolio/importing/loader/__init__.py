"""How do the rows of a file meet the rows of the database?

Rows go through in batches: read, checked, compared and written with a few queries each, whatever the size of a batch.
A batch is written whole or not at all, and an import that was stopped can be run again: what is in is then the same.
"""

from portfolio.importing.loader.loading import Loader
from portfolio.importing.loader.rows import Source

__all__ = ["Loader", "Source"]
