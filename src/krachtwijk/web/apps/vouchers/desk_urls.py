# SPDX-License-Identifier: EUPL-1.2
"""The desks of residents' money, one list per role."""

from django.urls import URLPattern

app_name = "voucherdesk"
urlpatterns: list[URLPattern] = []
