"""The registers of the reform office: plans, documents, publicity, inspections, ISO … each a list with its page."""
