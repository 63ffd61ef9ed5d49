# SPDX-License-Identifier: EUPL-1.2
"""Public pages, a file per noun: translate a request to selectors and their answers to a template, nothing more."""
