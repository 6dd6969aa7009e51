"""What each figure of a report is: defined once, where it comes from, its values per unit and window."""
