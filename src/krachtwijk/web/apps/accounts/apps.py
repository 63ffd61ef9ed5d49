# SPDX-License-Identifier: EUPL-1.2
"""Accounts of those who work in the system."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The accounts app."""

    name = "krachtwijk.web.apps.accounts"
    label = "accounts"
