"""What people ask of a month or of an installation: answered from facts and archive, and nothing is written."""
