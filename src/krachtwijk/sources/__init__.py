# SPDX-License-Identifier: EUPL-1.2
"""Publications in, tidy observations out: one adapter per publication family in `families/`."""

from krachtwijk.sources.ingest import Outcome, ingest_file, ingest_packaged

__all__ = ["Outcome", "ingest_file", "ingest_packaged"]
