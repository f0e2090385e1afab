"""The pages of the monitor, a file per subject."""
