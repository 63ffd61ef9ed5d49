# SPDX-License-Identifier: EUPL-1.2
"""Every field and every indicator, defined."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from krachtwijk.catalogue import dictionary as the_dictionary
from krachtwijk.catalogue import indicators, programmes, score_versions, themes
from krachtwijk.monitor.model import ScoreVersion
from krachtwijk.web.apps.publication import defining, selectors, wording


def _classes(version: ScoreVersion) -> list[dict[str, Any]]:
    """The nine classes of a version: word, and from where the class of score and of deviation begin."""
    words = version.class_labels_en if wording.english() else version.class_labels
    return [
        {
            "step": step,
            "word": word,
            "total": version.total_cuts[step - 2] if version.total_cuts and step > 1 else None,
            "deviation": version.deviation_cuts[step - 2] if version.deviation_cuts and step > 1 else None,
        }
        for step, word in enumerate(words, 1)
    ]


def dictionary(request: HttpRequest) -> HttpResponse:
    """All tables, columns, codes, classes and indicators on one page."""
    known, versions = the_dictionary(), list(reversed(score_versions().values()))
    tables = selectors.tables_by_kind()
    context = {
        "kinds": [
            {
                "kind": kind,
                "tables": tables.get(kind.id, []),
                "fields": [f for f in known.of_kind(kind.id) if f.tables],
            }
            for kind in known.tables
        ],
        "everywhere": [f for f in known.fields if not f.tables],
        "service": known.service,
        "warnings": known.warnings,
        "versions": [
            {
                "version": version,
                "classes": _classes(version),
                # a version without limits of its own and with known words needs no second table
                "same_words": not version.total_cuts
                and any(v.total_cuts and v.class_labels == version.class_labels for v in versions),
            }
            for version in versions
            if version.class_labels
        ],
        "subjects": [
            {"theme": theme, "indicators": found}
            for theme in themes().values()
            if (found := [i for i in indicators().values() if i.theme == theme.id])
        ],
        "count": len(indicators()),
    }
    return render(request, "publication/dictionary.html", context)


def indicator(request: HttpRequest, indicator_id: str) -> HttpResponse:
    """One indicator: what it means, how it is used, and of which areas and years there are figures."""
    found = indicators().get(indicator_id)
    if found is None:
        raise Http404
    weight = indicators().get(found.weight or "")
    context = {
        "indicator": found,
        "theme": themes()[found.theme],
        "weight": weight,
        "aggregation": defining.aggregation(found, wording.label(weight) if weight else ""),
        "least": found.range[0],
        "most": found.range[1],
        "held": selectors.holdings(found.id),
        "editions": [e for e in selectors.editions() if found.id in e.indicators],
        "programmes": [p for p in programmes().values() if found.id in p.indicators],
        "columns": [
            {"source": c.source, "name": c.stem, "names": sorted(c.names.items()), "factor": c.factor}
            for c in found.columns
        ],
    }
    return render(request, "publication/indicator.html", context)
