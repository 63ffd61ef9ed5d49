# SPDX-License-Identifier: EUPL-1.2
"""Blocks that pages and printed documents share: charts first."""
