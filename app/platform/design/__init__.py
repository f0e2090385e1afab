"""Drawing chains: drafts and their states, checks, rehearsals, comparison, and the way to a published version."""
