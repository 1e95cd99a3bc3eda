"""micrograd's names: `engine.Value` and `nn`, networks of Values."""
