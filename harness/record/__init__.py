"""Counting what happened: histograms, one recorder a process, figures that merge across processes."""
