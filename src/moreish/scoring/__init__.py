"""How well a model predicts, and which items belong to its list."""
