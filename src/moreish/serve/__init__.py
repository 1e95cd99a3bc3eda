"""The service: models behind HTTP on this machine; many requests at once, none without end.

Requests are asked of worker processes that have the models loaded: what takes too long is ended
with its process, and a new one takes the place. It needs the extra `serve`, and `import moreish`
does not load it.
"""
