# SPDX-License-Identifier: EUPL-1.2
"""``{% url %}`` for every template: as Django's own, but an address that was written once is not worked out again.

A page names fifty addresses, the menu's and the footer's on every page the same; which address belongs to a name never
changes while a process runs.
"""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as djangos
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.html import conditional_escape

register = template.Library()


@lru_cache(4096)
def _address(name: str, args: tuple[str, ...], prefix: str, urlconf: str | None) -> str:
    return reverse(name, urlconf, args)


class Address(URLNode):
    """The address of a view by its name and arguments."""

    def render(self, context: Context) -> str:
        """As Django does; one that does not exist is found out by Django too."""
        if self.kwargs or self.asvar:
            return super().render(context)
        args = tuple(str(arg.resolve(context)) for arg in self.args)
        found = _address(self.view_name.resolve(context), args, get_script_prefix(), get_urlconf())
        return conditional_escape(found) if context.autoescape else found


@register.tag
def url(parser: Parser, token: Token) -> Address:
    """``{% url 'name' argument … %}``"""
    made = djangos(parser, token)
    return Address(made.view_name, made.args, made.kwargs, made.asvar)
