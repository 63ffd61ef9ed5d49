# SPDX-License-Identifier: EUPL-1.2
"""Effects of a programme on its areas and on those around them: estimates, their error, power. Pure arrays."""
