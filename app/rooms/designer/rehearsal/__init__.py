"""The page of a rehearsal: who plays, what is typed, what is shown of it."""
