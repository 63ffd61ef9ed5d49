# SPDX-License-Identifier: EUPL-1.2
"""The readable files of `data/` as frozen dataclasses. Every fact a person may want to correct stands there."""

from krachtwijk.catalogue.loading import (
    DATA,
    Publication,
    indicator,
    indicators,
    indicators_of,
    load_programme,
    programme,
    programmes,
    publications,
    score_version,
    score_versions,
    themes,
)

__all__ = [
    "DATA",
    "Publication",
    "indicator",
    "indicators",
    "indicators_of",
    "load_programme",
    "programme",
    "programmes",
    "publications",
    "score_version",
    "score_versions",
    "themes",
]
