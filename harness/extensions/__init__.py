"""What other packages add: systems (vocabularies), verbs, reporters. ``harness.extend`` is the front for their authors."""
