"""Give it a list of things, one a line; it learns what they are like and makes more of them."""
