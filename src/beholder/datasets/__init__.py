"""From a data set's own files to rows, and from rows to splits that keep like with like."""
