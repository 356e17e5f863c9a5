"""The worked numbers in docstrings are true."""

import doctest
import importlib
import pkgutil

import pytest

import models
import rules

MODULES = [
    info.name for room in (models, rules) for info in pkgutil.walk_packages(room.__path__, prefix=f"{room.__name__}.")
]


@pytest.mark.parametrize("name", MODULES)
def test_the_numbers_in_a_docstring_are_what_the_code_gives(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_worked_numbers_to_check() -> None:
    finder = doctest.DocTestFinder()
    examples = [
        example for name in MODULES for test in finder.find(importlib.import_module(name)) for example in test.examples
    ]
    assert len(examples) >= 15
