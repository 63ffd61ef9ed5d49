# SPDX-License-Identifier: EUPL-1.2
"""App configuration."""

from django.apps import AppConfig


class PublicationConfig(AppConfig):
    """The publication app."""

    name = "krachtwijk.web.apps.publication"
    label = "publication"
