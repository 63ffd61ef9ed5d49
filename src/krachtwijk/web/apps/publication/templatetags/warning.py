# SPDX-License-Identifier: EUPL-1.2
"""Wording of warnings for templates: the same functions under the same names."""

from __future__ import annotations

from django import template

from krachtwijk.web.apps.publication import wording_warning
from krachtwijk.web.apps.publication.services.warnings import called

register = template.Library()

for name in (
    "chance",
    "as_chance",
    "out_of_ten",
    "points",
    "decision",
    "happened",
    "hundred",
    "signed_hundred",
):
    register.filter(name, getattr(wording_warning, name))
register.filter("called", called)
