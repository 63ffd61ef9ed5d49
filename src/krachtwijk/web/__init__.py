# SPDX-License-Identifier: EUPL-1.2
"""The Django project."""
