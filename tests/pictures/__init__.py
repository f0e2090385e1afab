"""The screenshots of docs/guide, taken by walking the ways it describes: `make pictures`.

One module per guide, called like its page, with `walk(camera)`; `camera.take(page, name)` writes
`docs/guide/pictures/<guide>-<name>-1440.png` and `-390.png`.
"""
