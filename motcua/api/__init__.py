"""The front room of machines: the verbs and queries of the office over HTTP, with tokens instead of sessions."""
