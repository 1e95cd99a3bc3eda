"""Charts: counts, losses, embeddings, layers."""
