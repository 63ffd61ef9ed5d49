# SPDX-License-Identifier: EUPL-1.2
"""One door for frames of any engine."""

from __future__ import annotations

from typing import Any

import narwhals as nw


def opened(frame: Any) -> nw.DataFrame[Any]:
    """A native frame, eager or lazy, as a Narwhals frame.

    Typed as eager because the engine uses only what eager and lazy frames share.
    """
    return nw.from_native(frame)
