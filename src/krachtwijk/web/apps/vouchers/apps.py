# SPDX-License-Identifier: EUPL-1.2
"""App configuration."""

from django.apps import AppConfig


class VouchersConfig(AppConfig):
    """The vouchers app."""

    name = "krachtwijk.web.apps.vouchers"
    label = "vouchers"
