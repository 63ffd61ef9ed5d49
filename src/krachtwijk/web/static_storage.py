# SPDX-License-Identifier: EUPL-1.2
"""Static files with hashed names once they were collected, with their own names before."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedWhenCollected(CompressedManifestStaticFilesStorage):
    """Names a file by its content's hash; a file that was not collected keeps its name, so tests need no collecting."""

    def stored_name(self, name: str) -> str:
        """The hashed name, or the name itself where `collectstatic` has not seen the file."""
        try:
            return super().stored_name(name)
        except ValueError:
            return name
