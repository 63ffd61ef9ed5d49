# SPDX-License-Identifier: EUPL-1.2
"""The readable files of `data/` as frozen dataclasses. Every fact a person may want to correct stands there."""

from krachtwijk.catalogue.columns import Figure, figures, is_non_figure, unmapped
from krachtwijk.catalogue.loading import (
    DATA,
    NonFigure,
    Publication,
    indicator,
    indicators,
    indicators_of,
    load_indicators,
    load_programme,
    load_themes,
    non_figures,
    programme,
    programmes,
    publications,
    score_version,
    score_versions,
    themes,
)

__all__ = [
    "DATA",
    "Figure",
    "NonFigure",
    "Publication",
    "figures",
    "indicator",
    "indicators",
    "indicators_of",
    "is_non_figure",
    "load_indicators",
    "load_programme",
    "load_themes",
    "non_figures",
    "programme",
    "programmes",
    "publications",
    "score_version",
    "score_versions",
    "themes",
    "unmapped",
]
