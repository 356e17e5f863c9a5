"""The blocks of the programme file, one each: what its keys mean, and what is refused."""
