"""Who people are: persons, accounts, regions, units, the posts they hold, and the sessions they work in."""
