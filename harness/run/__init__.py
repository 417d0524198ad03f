"""A run from its options to its exit code: the one place that ties the stages together."""
