"""Answers from the cache alone: the portfolio, its past and its history."""
