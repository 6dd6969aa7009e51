"""The demo: invented people and dossiers in real places, told through the same path an office's own past would take."""
