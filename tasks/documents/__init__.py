"""Documents: how a statement becomes a page that people read, in their language."""
