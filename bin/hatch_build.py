# SPDX-License-Identifier: EUPL-1.2
"""Compile the translations while a wheel is built, so that `pip install` from a fresh clone speaks English too."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Translations(BuildHookInterface):
    """Writes `django.mo` beside each `django.po`; `artifacts` in pyproject.toml takes it along."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile before files are collected."""
        for path in Path(self.root).glob("src/krachtwijk/web/locale/*/LC_MESSAGES/django.po"):
            with path.with_suffix(".mo").open("wb") as made:
                write_mo(made, read_po(io.BytesIO(path.read_bytes()), locale=path.parts[-3]))
