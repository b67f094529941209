"""Looking from several places: who may push, what they pushed, and how k of n agree."""
