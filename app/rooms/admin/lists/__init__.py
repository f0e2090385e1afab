"""The lists of the room: every module beside this file names its own as `LISTS`."""
