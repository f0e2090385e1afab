"""Pages of the chains that belong to no system: starting one, their registers, their figures."""
