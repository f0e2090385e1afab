"""The pages of the designer, a file per subject."""
