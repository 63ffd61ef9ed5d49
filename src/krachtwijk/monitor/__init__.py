# SPDX-License-Identifier: EUPL-1.2
"""The measurement engine: frames in, frames out. No files, no clock, no web."""
