# SPDX-License-Identifier: EUPL-1.2
"""What an area-based programme changed, and what moved next door: panels, rings, power. Pure arrays."""
