# SPDX-License-Identifier: EUPL-1.2
"""Writes: what readers report, and what people do about early warnings. A module per noun."""

from krachtwijk.web.apps.publication.services.reports import (
    STREAM,
    answer_report,
    clean_reports,
    receive_report,
    reopen_report,
    subject,
)
from krachtwijk.web.apps.publication.services.warnings import (
    answer_warning,
    assign_warnings,
    note_export,
    release_warning,
    remind_owners,
    reopen_warning,
)

__all__ = [
    "STREAM",
    "answer_report",
    "answer_warning",
    "assign_warnings",
    "clean_reports",
    "note_export",
    "receive_report",
    "release_warning",
    "remind_owners",
    "reopen_report",
    "reopen_warning",
    "subject",
]
