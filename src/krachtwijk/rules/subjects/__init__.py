# SPDX-License-Identifier: EUPL-1.2
"""A module a subject: fund, application, consultation, decision, voucher, lateness, objection, afterwards."""
