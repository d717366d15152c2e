"""How is health computed? Pure definitions on plain values and whole columns."""
