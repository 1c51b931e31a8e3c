"""The interactive page of a review: its data, pictures, charts, words and scripts."""
