"""Lines and events: judged, attributed, each given its outcome, a piece of the month at a time."""
