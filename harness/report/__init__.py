"""What a person reads of a run: the summary, and its forms. A form is a function of the summary."""
