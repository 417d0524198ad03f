"""Two sides of runs, compared: which differences are more than noise. Pure but for ``reading``, which reads files."""
