"""Verbs that reach over people, their work and what they are told: entering, moving, merging, leaving."""
