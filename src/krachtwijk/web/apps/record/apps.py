# SPDX-License-Identifier: EUPL-1.2
"""App configuration."""

from django.apps import AppConfig


class RecordConfig(AppConfig):
    """The record app."""

    name = "krachtwijk.web.apps.record"
    label = "record"
