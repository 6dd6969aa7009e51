"""A page with every component, for pictures and accessibility only: it is no part of the product."""
