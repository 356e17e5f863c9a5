"""Tables of the vendor: how one is read, from a CSV file or a sheet, cell by cell, with every fault named."""
