"""The pages of the room: every module beside this file enters its routes and sections when it is imported."""
