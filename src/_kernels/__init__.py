"""Compiled inner loops: arrays in, arrays out. Called only by `parecon.answers`."""
