# SPDX-License-Identifier: EUPL-1.2
"""App configuration."""

from django.apps import AppConfig


class ConsultationConfig(AppConfig):
    """The consultation app."""

    name = "krachtwijk.web.apps.consultation"
    label = "consultation"
