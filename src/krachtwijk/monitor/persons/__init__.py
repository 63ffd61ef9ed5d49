# SPDX-License-Identifier: EUPL-1.2
"""Residents apart from residence: did people get ahead, or did others come to live there? (methods/residents.md)"""
