# SPDX-License-Identifier: EUPL-1.2
"""Residents' money under a by-law: the way of a euro. What the law says is decided in `krachtwijk.rules` only."""
