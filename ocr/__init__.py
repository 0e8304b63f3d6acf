"""Pictures to words: pages, cleaning, readers, tick boxes and quality. Imports nothing of ours."""
