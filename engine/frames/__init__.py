"""Frames: their schemas, and how they are kept: as Parquet, as a snapshot, packed by partner."""
