# SPDX-License-Identifier: EUPL-1.2
"""Levels, codes, editions, crosswalks, boundaries and grid cells."""
