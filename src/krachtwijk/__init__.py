# SPDX-License-Identifier: EUPL-1.2
"""Krachtwijk: run and follow an area-based neighbourhood programme."""

__version__ = "0.1.0"
