"""The documentation as a static site: python tools/documentation (or make docs)."""
