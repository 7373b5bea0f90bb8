"""Sets of texts as automata: patterns, intersection, a shortest word. Nothing of IAM."""
