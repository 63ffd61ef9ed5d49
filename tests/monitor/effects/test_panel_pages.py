# SPDX-License-Identifier: EUPL-1.2
"""The examples of the method pages on panels and imputation are true."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

METHODS = Path(__file__).resolve().parents[3] / "docs/methods"


@pytest.mark.parametrize("page", ["panel", "imputation"])
def test_the_examples_of_a_method_page_are_true(page: str) -> None:
    failed, tried = doctest.testfile(str(METHODS / f"{page}.md"), module_relative=False, encoding="utf-8")
    assert tried > 5
    assert failed == 0
