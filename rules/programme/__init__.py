"""The programme file: how it is read, checked, costed, compared and explained."""
