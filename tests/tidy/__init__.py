"""The house rules as a program; ../tidy.py is the entry. Reading order: scan, tree, rules."""
