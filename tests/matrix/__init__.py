"""Who may see and change what? One table, and a run of every cell of it."""
