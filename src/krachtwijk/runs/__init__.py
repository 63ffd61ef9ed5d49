# SPDX-License-Identifier: EUPL-1.2
"""Recipes: editions in, the monitor computes, result tables out."""
