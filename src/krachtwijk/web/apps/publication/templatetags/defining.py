# SPDX-License-Identifier: EUPL-1.2
"""Words of definitions for templates: the same functions under the same names."""

from django import template

from krachtwijk.web.apps.publication import defining

register = template.Library()

NAMES = "direction size every breaks_of causes counted cell kind_of_erratum unit_of_field"
for name in NAMES.split():
    register.filter(name, getattr(defining, name))
