"""An example of what a package can add to harness. docs/extending.md goes through it."""
