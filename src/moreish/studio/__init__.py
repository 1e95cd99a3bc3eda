"""The studio: a local web page that learns from a list and shows what was learnt.

- `service` answers calls by name, in plain dicts; it knows neither HTTP nor threads.
- `runs` holds the append-only log of each training and steers it, `inside` looks into its network,
  `explanations` has what is shown of an item, `expressions` and `moons` what is shown of Values.
- `server` maps paths to calls, `background` has the one thread that trains, `launch` the socket.
- `page/` is what the browser loads: HTML, CSS and ES modules, and nothing from elsewhere.

It needs the extra `serve`, and `import moreish` does not load it.
"""
