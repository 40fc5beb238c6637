"""Very many files: their names, Ray that scores them, and parts that a later run goes on with."""
