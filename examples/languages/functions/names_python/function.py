"""A function on texts, one that sees NULL, and an aggregate."""

import math

import duckpen


@duckpen.function
def initials_python(name: str) -> str:
    """The first letters of the words of a name."""
    return "".join(word[0].upper() for word in name.split())


@duckpen.function
def coalesce_text_python(a: str | None, b: str | None) -> str | None:
    """The first of two texts that is not NULL."""
    return b if a is None else a


@duckpen.aggregate
class GeometricMeanPython:
    """The geometric mean of positive numbers."""

    def __init__(self):
        self.logarithms = 0.0
        self.count = 0

    def step(self, number: float) -> None:
        if number <= 0:
            raise ValueError(f"{number} is not positive")
        self.logarithms += math.log(number)
        self.count += 1

    def merge(self, other: "GeometricMeanPython") -> None:
        self.logarithms += other.logarithms
        self.count += other.count

    def finish(self) -> float | None:
        return math.exp(self.logarithms / self.count) if self.count else None
