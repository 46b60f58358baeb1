"""Benchmarks: how fast, against what, and is the answer right. See README.md."""
