"""Does every hostile input get the answer that was promised? Each test carries the number of its row in the list."""
