"""Files that are whole or not there, and values that are what they must be."""
