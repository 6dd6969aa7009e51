"""Lists of dossiers exported by other systems: read, compared with what is here, shown, and applied."""
