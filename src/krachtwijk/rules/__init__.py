# SPDX-License-Identifier: EUPL-1.2
"""The law engine: by-law, events and date in, state out. Pure: no clock, no files, no web."""
