"""The ground floor: everything that has never heard of Flask."""
