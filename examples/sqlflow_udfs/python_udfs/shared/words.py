"""What several modules need; it has no functions for SQL itself."""

import re


def words_of(text):
    return re.findall(r"\w+", text)
