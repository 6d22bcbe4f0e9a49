"""Texts, one value at a time."""

from sqlflow.udfs import python_scalar_udf

from .shared.words import words_of


@python_scalar_udf
def capitalize_words(text: str) -> str:
    """Each word with a capital letter."""
    return " ".join(word.capitalize() for word in words_of(text))


@python_scalar_udf(name="initials")
def initials_of(text: str, separator: str = ".") -> str:
    """The first letters of the words."""
    return separator.join(word[0].upper() for word in words_of(text)) + separator
