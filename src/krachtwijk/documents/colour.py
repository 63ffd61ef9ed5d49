# SPDX-License-Identifier: EUPL-1.2
"""Can colours be told apart? Contrast, difference, and how a colour-blind reader sees them. Pure arithmetic.

A colour is ``#rgb`` or ``#rrggbb`` (sRGB). Sources: WCAG 2.2 (relative luminance, contrast ratio); Machado, Oliveira
and Fernandes 2009, "A Physiologically-based Model for Simulation of Color Vision Deficiency" (the matrices, severity
1.0, for linear light); Sharma, Wu and Dalal 2005, "The CIEDE2000 Color-Difference Formula".
"""

from __future__ import annotations

import math
import re

RGB = tuple[float, float, float]

_HEX = re.compile(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")

#: What each kind of colour-blindness makes of linear red, green and blue.
BLINDNESS: dict[str, tuple[RGB, RGB, RGB]] = {
    "protanopie": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopie": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopie": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def is_colour(text: str) -> bool:
    """Whether a text is a colour that this module reads."""
    return _HEX.fullmatch(text) is not None


def linear(colour: str) -> RGB:
    """Linear red, green and blue, each 0..1. Raises ValueError on another notation."""
    found = _HEX.fullmatch(colour)
    if found is None:
        raise ValueError(f"{colour} is not #rgb or #rrggbb")
    digits = found[1] if len(found[1]) == 6 else "".join(2 * c for c in found[1])
    red, green, blue = (_to_linear(int(digits[at : at + 2], 16) / 255) for at in (0, 2, 4))
    return (red, green, blue)


def _to_linear(part: float) -> float:
    return float(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)


def luminance(light: RGB) -> float:
    """Relative luminance, 0 (black) to 1 (white)."""
    return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21."""
    dark, bright = sorted((luminance(linear(one)), luminance(linear(other))))
    return (bright + 0.05) / (dark + 0.05)


def seen_with(blindness: str, light: RGB) -> RGB:
    """Linear light as someone with this blindness sees it, kept within what a screen can show."""
    rows = BLINDNESS[blindness]
    red, green, blue = (
        min(1.0, max(0.0, sum(factor * part for factor, part in zip(row, light, strict=True))))
        for row in rows
    )
    return (red, green, blue)


def lab(light: RGB) -> RGB:
    """CIELAB (D65) of linear light: lightness 0..100, then green to red and blue to yellow."""
    red, green, blue = light
    x = (0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047
    y = 0.2126729 * red + 0.7151522 * green + 0.0721750 * blue
    z = (0.0193339 * red + 0.1191920 * green + 0.9503041 * blue) / 1.08883
    fx, fy, fz = (v ** (1 / 3) if v > 216 / 24389 else (24389 / 27 * v + 16) / 116 for v in (x, y, z))
    return (116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz))


def difference(one: RGB, other: RGB) -> float:
    """CIEDE2000 of two CIELAB colours: about 1 is just visible side by side, 10 is another colour at a glance."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean = ((math.hypot(a1, b1) + math.hypot(a2, b2)) / 2) ** 7
    stretch = 1.5 - 0.5 * math.sqrt(mean / (mean + 25.0**7))
    a1, a2 = stretch * a1, stretch * a2
    c1, c2 = math.hypot(a1, b1), math.hypot(a2, b2)
    h1, h2 = (math.degrees(math.atan2(b, a)) % 360 if (a or b) else 0.0 for a, b in ((a1, b1), (a2, b2)))
    turn, middle = 0.0, h1 + h2
    if c1 * c2:
        turn = (h2 - h1 + 180) % 360 - 180
        middle = (h1 + h2) / 2 if abs(h1 - h2) <= 180 else (h1 + h2 + (360 if h1 + h2 < 360 else -360)) / 2
    dl, dc, dh = l2 - l1, c2 - c1, 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn / 2))
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    weight = (
        1
        - 0.17 * math.cos(math.radians(middle - 30))
        + 0.24 * math.cos(math.radians(2 * middle))
        + 0.32 * math.cos(math.radians(3 * middle + 6))
        - 0.20 * math.cos(math.radians(4 * middle - 63))
    )
    sl = 1 + 0.015 * (light - 50) ** 2 / math.sqrt(20 + (light - 50) ** 2)
    sc, sh = 1 + 0.045 * chroma, 1 + 0.015 * chroma * weight
    lean = 30 * math.exp(-(((middle - 275) / 25) ** 2))
    twist = -2 * math.sqrt(chroma**7 / (chroma**7 + 25.0**7)) * math.sin(math.radians(2 * lean))
    return math.sqrt(
        max(0.0, (dl / sl) ** 2 + (dc / sc) ** 2 + (dh / sh) ** 2 + twist * (dc / sc) * (dh / sh))
    )
